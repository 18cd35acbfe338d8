//! From the model to code. Nothing can go wrong here any more.

mod live;
mod relations;
mod table;
mod tagged;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, Ident, LitStr, Path};

use super::input::GroupInput;
use super::model::{Alias, Field, FieldKind, Importance, Key, Model, Range, Unit, Width};
use super::shape::{Leaf, Shape};
use crate::literal::text_of;
use crate::paths::CratePath;
use crate::place::place_of;

pub(super) use live::declaration as draft_declaration;
pub(super) use tagged::expand as expand_tagged;

pub(super) fn expand(model: &Model) -> TokenStream {
    let constants = model.fields.iter().map(|it| constant(model, it));
    let draft = live::draft(model);
    let block = block(model);
    let assertions = assertions(model);
    let config = connector_config(&model.krate, &model.ident, &model.documentation);
    let table = table::of_struct(model);
    quote! {
        const _: () = {
            #(#constants)*
            #draft
            #block
            #(#assertions)*
            #config
            #table
        };
    }
}

/// What makes a group of keys the configuration of a plugin.
fn connector_config(krate: &CratePath, ident: &Ident, documentation: &str) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl #krate::config::ConnectorConfig for #ident {
            fn definition() -> &'static #krate::config::ConfigDef {
                static DEFINITION: ::std::sync::LazyLock<#krate::config::ConfigDef> =
                    ::std::sync::LazyLock::new(|| {
                        #krate::__private::definition_of::<#ident>(#documentation)
                    });
                &DEFINITION
            }
        }
    }
}

/// The variable that holds what was read of a field.
fn value_of(field: &Field) -> Ident {
    format_ident!("value_{}", field.ident)
}

fn constant(model: &Model, field: &Field) -> TokenStream {
    let krate = &model.krate;
    let (name, ty) = (&field.constant, &field.ty);
    // The constructors have bounds on the type, so what it lacks is reported at the type.
    let place = place_of(ty);
    let here = krate.at(place);
    match &field.kind {
        FieldKind::Flattened(_) => {
            let new = quote_spanned!(place=> #here::__private::flattened::<#ty>());
            quote! {
                const #name: #krate::__private::Flattened<#ty> = #new;
            }
        }
        FieldKind::Nested(below) => {
            let prefix = &below.prefix;
            let new = quote_spanned!(place=> #here::__private::nested::<#ty>);
            quote! {
                const #name: #krate::__private::Nested<#ty> = #new(#prefix);
            }
        }
        FieldKind::Rest(rest) => {
            let (prefix, documentation) = (&rest.prefix, &rest.documentation);
            let new = quote_spanned!(place=> #here::__private::rest::<#ty>);
            quote! {
                const #name: #krate::__private::Rest<#ty> = #new(#prefix, #documentation);
            }
        }
        FieldKind::Key(key) => {
            let spec = spec(model, field, key);
            let default = key.default.as_ref().map(default);
            let rules = rules(model, field, key);
            let new = quote_spanned!(place=> #here::__private::field::<#ty>);
            quote! {
                const #name: #krate::__private::Field<#ty> = #new(#spec) #default #rules;
            }
        }
    }
}

/// What is known of a key; what everybody knows of one is left out.
fn spec(model: &Model, field: &Field, key: &Key) -> TokenStream {
    let krate = &model.krate;
    let (name, documentation) = (&key.name, &key.documentation);
    let mut parts = Vec::new();
    parts.extend(spec_words(krate, key));
    parts.extend(spec_texts(key));
    if let Some(order) = &key.order {
        parts.push(quote!(order: ::core::option::Option::Some(#order)));
    }
    if key.internal {
        parts.push(quote!(internal: true));
    }
    if key.recommend.is_some() {
        parts.push(quote!(recommended: true));
    }
    if !key.aliases.is_empty() {
        let aliases = key.aliases.iter().map(|it| alias(model, it));
        parts.push(quote!(aliases: &[#(#aliases),*]));
    }
    parts.extend(relations::spec_parts(model, field, key));
    let new = quote!(#krate::__private::KeySpec::new(#name, #documentation));
    if parts.is_empty() {
        return new;
    }
    quote!(#krate::__private::KeySpec { #(#parts,)* ..#new })
}

/// The parts that are one of a few words.
fn spec_words(krate: &CratePath, key: &Key) -> impl Iterator<Item = TokenStream> {
    let importance = match key.importance {
        Importance::High => Some(quote!(High)),
        Importance::Medium => None,
        Importance::Low => Some(quote!(Low)),
    };
    let width = match key.width {
        Width::None => None,
        Width::Short => Some(quote!(Short)),
        Width::Medium => Some(quote!(Medium)),
        Width::Long => Some(quote!(Long)),
    };
    let unit = (key.unit != Unit::None).then(|| unit(key.unit));
    [
        importance.map(|it| quote!(importance: #krate::config::Importance::#it)),
        width.map(|it| quote!(width: #krate::config::Width::#it)),
        unit.map(|it| quote!(unit: #krate::config::Unit::#it)),
    ]
    .into_iter()
    .flatten()
}

/// The parts that are text.
fn spec_texts(key: &Key) -> impl Iterator<Item = TokenStream> {
    let texts = [
        ("group", &key.group),
        ("label", &key.label),
        ("example", &key.example),
        ("since", &key.since),
    ];
    texts.into_iter().filter_map(|(option, text)| {
        let option = Ident::new(option, Span::call_site());
        let text = text.as_ref()?;
        Some(quote!(#option: ::core::option::Option::Some(#text)))
    })
}

fn alias(model: &Model, alias: &Alias) -> TokenStream {
    let (krate, name) = (&model.krate, &alias.name);
    let since = optional(alias.deprecated_since.as_ref());
    quote!(#krate::__private::AliasSpec { name: #name, deprecated_since: #since })
}

fn default(default: &Expr) -> TokenStream {
    if let Some(text) = text_of(default) {
        return quote!(.default_text(#text));
    }
    quote!(.default(|| #default))
}

fn rules(model: &Model, field: &Field, key: &Key) -> Option<TokenStream> {
    // What a type lacks for a rule is reported at the type.
    let place = place_of(&field.ty);
    let mut rules = Vec::new();
    if key.non_empty {
        rules.push(quote_spanned!(place=> .non_empty()));
    }
    if let Some(Range { min, max, .. }) = &key.range {
        let bound = |it: &Option<Expr>| optional(it.as_ref().map(|it| bound(model, key, it)));
        let (min, max) = (bound(min), bound(max));
        rules.push(quote_spanned!(place=> .range(#min, #max)));
    }
    if let Some(Range { min, max, .. }) = &key.length {
        let (min, max) = (optional(min.as_ref()), optional(max.as_ref()));
        rules.push(quote_spanned!(place=> .length(#min, #max)));
    }
    if let Some(pattern) = &key.matches {
        rules.push(quote_spanned!(place=> .matches(#pattern)));
    }
    if !key.one_of.is_empty() {
        let words = &key.one_of;
        rules.push(quote_spanned!(place=> .one_of(&[#(#words),*])));
    }
    if let Some(path) = &key.validate {
        rules.push(validation(key, path));
    }
    (!rules.is_empty()).then(|| quote_spanned!(place=> .rules(|rules| rules #(#rules)*)))
}

fn bound(model: &Model, key: &Key, bound: &Expr) -> TokenStream {
    let (krate, unit) = (&model.krate, unit(key.unit));
    if let Some(text) = text_of(bound) {
        return quote!(#krate::__private::bound(#text, #krate::config::Unit::#unit));
    }
    quote!(#bound)
}

/// The function sees the value inside an `Option`, and nothing when there is none.
fn validation(key: &Key, path: &Path) -> TokenStream {
    if key.shape.optional {
        return quote_spanned! {place_of(path)=>
            .validate(|value| match value {
                ::core::option::Option::Some(value) => #path(value),
                ::core::option::Option::None => ::core::result::Result::Ok(()),
            })
        };
    }
    quote_spanned!(place_of(path)=> .validate(|value| #path(value)))
}

fn unit(unit: Unit) -> Ident {
    let name = match unit {
        Unit::None => "None",
        Unit::Millis => "Millis",
        Unit::Seconds => "Seconds",
        Unit::Bytes => "Bytes",
    };
    Ident::new(name, Span::call_site())
}

fn optional(value: Option<impl ToTokens>) -> TokenStream {
    if let Some(value) = value {
        return quote!(::core::option::Option::Some(#value));
    }
    quote!(::core::option::Option::None)
}

fn block(model: &Model) -> TokenStream {
    let Model { ident, krate, .. } = model;
    let names = key_names(model);
    let groups = groups(&model.groups);
    let constants: Vec<_> = model.fields.iter().map(|it| &it.constant).collect();
    let fields: Vec<_> = model.fields.iter().map(|it| &it.ident).collect();
    let values: Vec<_> = model.fields.iter().map(value_of).collect();
    let construct = quote!(Self { #(#fields: #values?,)* });
    let outcome = if let Some(check) = &model.check {
        quote!(reader.check(#construct, #check))
    } else {
        quote!(::core::option::Option::Some(#construct))
    };
    let relations = relations::checks(model);
    let draft = live::draft_type(model);
    let live = live::methods(model);
    quote! {
        #[automatically_derived]
        impl #krate::config::ConfigBlock for #ident {
            const KEYS: #krate::__private::KeyNames = #names;

            type Draft = #draft;

            fn define(definer: &mut #krate::__private::Definer) {
                #groups
                #(#constants.define(definer);)*
            }

            fn read(
                reader: &mut #krate::__private::Reader<'_>,
            ) -> ::core::option::Option<Self> {
                #(let #values = #constants.read(reader);)*
                #relations
                #outcome
            }

            fn write(&self, props: &mut #krate::config::Props) {
                #(#constants.write(&self.#fields, props);)*
            }

            #live
        }
    }
}

fn key_names(model: &Model) -> TokenStream {
    let krate = &model.krate;
    let own = model.keys().flat_map(|(_, key)| key.names());
    let flattened = model.flattened().map(|it| &it.constant);
    let below = model.belows().map(|(_, below)| &below.prefix);
    quote! {
        #krate::__private::KeyNames {
            own: &[#(#own),*],
            flattened: &[#(#flattened.keys()),*],
            below: &[#(#below),*],
        }
    }
}

fn groups(groups: &[GroupInput]) -> TokenStream {
    let (ids, labels): (Vec<_>, Vec<_>) = groups.iter().map(|it| (&it.id, &it.label)).unzip();
    quote!(#(definer.group(#ids, #labels);)*)
}

/// What only the compiler can check, because it needs the values of other types.
fn assertions(model: &Model) -> Vec<TokenStream> {
    let mut assertions = Vec::new();
    for (field, key) in model.keys() {
        // The texts of other types were checked before.
        if key.shape.leaf != Leaf::Unknown {
            continue;
        }
        if let Some(text) = key.default.as_ref().and_then(text_of) {
            let elements = key.elements(&text.value()).into_iter();
            assertions.extend(elements.map(|it| default_is_a_choice(field, text, &it)));
        }
    }
    let flattened: Vec<_> = model.flattened().collect();
    for (index, field) in flattened.iter().enumerate() {
        let (name, ty) = (&field.constant, field.type_text());
        let place = place_of(&field.ident);
        for key in model.keys().flat_map(|(_, key)| key.names()) {
            let message = format!(
                "configuration key `{}` is declared here and again in the flattened `{ty}`",
                key.value()
            );
            assertions.push(quote_spanned! {place=>
                const _: () = ::core::assert!(!#name.keys().has(#key), #message);
            });
        }
        for (other, below) in model.belows() {
            let prefix = &below.prefix;
            let message = format!(
                "a configuration key of the flattened `{ty}` is below `{}`, whose keys all go to \
                 field `{}`",
                prefix.value(),
                other.ident
            );
            assertions.push(quote_spanned! {place=>
                const _: () = ::core::assert!(!#name.keys().any_below(#prefix), #message);
            });
        }
        for other in &flattened[..index] {
            let (other_name, other_ty) = (&other.constant, other.type_text());
            let message = format!(
                "a configuration key of the flattened `{ty}` is declared in the flattened \
                 `{other_ty}` too"
            );
            assertions.push(quote_spanned! {place=>
                const _: () =
                    ::core::assert!(!#name.keys().overlaps(&#other_name.keys()), #message);
            });
        }
    }
    assertions
}

fn default_is_a_choice(field: &Field, written: &LitStr, choice: &str) -> TokenStream {
    let name = &field.constant;
    let ty = Shape::leaf_text(&field.ty);
    let message = format!("default `{choice}` is not one of the choices of `{ty}`");
    quote_spanned! {place_of(written)=>
        const _: () = ::core::assert!(#name.may_be(#choice), #message);
    }
}
