//! From the model to code.

use proc_macro2::TokenStream;
use quote::quote;

use super::input::Model;

pub(super) fn expand(model: &Model) -> TokenStream {
    let Model {
        ident,
        krate,
        any_case,
        choices,
        ..
    } = model;
    let idents: Vec<_> = choices.iter().map(|it| &it.ident).collect();
    let names: Vec<_> = choices.iter().map(|it| &it.name).collect();
    let documentation = choices.iter().map(|it| &it.documentation);
    quote! {
        #[automatically_derived]
        impl #krate::config::ConfigEnum for #ident {
            const CHOICES: &'static [#krate::config::Choice] = &[
                #(#krate::config::Choice { name: #names, documentation: #documentation },)*
            ];
            const ANY_CASE: bool = #any_case;

            fn from_name(name: &str) -> ::core::option::Option<Self> {
                match name {
                    #(#names => ::core::option::Option::Some(Self::#idents),)*
                    _ => ::core::option::Option::None,
                }
            }

            fn name(&self) -> &'static str {
                match self {
                    #(Self::#idents => #names,)*
                }
            }
        }

        #[automatically_derived]
        impl #krate::config::ConfigValue for #ident {
            const CHOICES: &'static [#krate::config::Choice] =
                <Self as #krate::config::ConfigEnum>::CHOICES;

            fn valid_values() -> ::core::option::Option<::std::string::String> {
                ::core::option::Option::Some(#krate::__private::describe_choices::<Self>())
            }

            fn kind(_: #krate::config::Unit) -> #krate::config::ConfigType {
                #krate::config::ConfigType::String
            }

            fn parse_text(
                text: &str,
                _: #krate::config::Unit,
            ) -> ::core::result::Result<Self, #krate::config::ValueError> {
                #krate::__private::parse_choice(text)
            }

            fn to_text(
                &self,
                _: #krate::config::Unit,
            ) -> ::core::option::Option<::std::string::String> {
                let name = #krate::config::ConfigEnum::name(self);
                ::core::option::Option::Some(::std::borrow::ToOwned::to_owned(name))
            }
        }

        #[automatically_derived]
        impl #krate::config::ListElement for #ident {}
    }
}
