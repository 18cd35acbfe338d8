//! From the model to code: an entry in the inventory.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::model::{Kind, Model, Tasks};
use crate::place::place_of;

pub(super) fn expand(model: &Model) -> TokenStream {
    let krate = &model.krate;
    let info = info(model);
    let task = model.task.clone();
    let implementor = task.unwrap_or_else(|| model.ident.clone().into());
    let place = place_of(&implementor);
    let descriptor = match model.kind {
        Kind::Converter => {
            quote_spanned!(place=> #krate::__private::converter_plugin::<#implementor>(#info))
        }
        Kind::Source => {
            let plan = plan(model, &quote!(<#implementor as #krate::SourceTask>::Config));
            quote_spanned! {place=>
                #krate::__private::source_plugin::<#implementor>(#info, #plan)
            }
        }
        Kind::Sink => {
            let plan = plan(model, &quote!(<#implementor as #krate::SinkTask>::Config));
            quote_spanned! {place=>
                #krate::__private::sink_plugin::<#implementor>(#info, #plan)
            }
        }
    };
    quote! {
        const _: () = {
            #krate::__private::inventory::submit! { #descriptor }
        };
    }
}

fn info(model: &Model) -> TokenStream {
    let (krate, documentation) = (&model.krate, &model.documentation);
    let (name, aliases) = (model.name(), &model.aliases);
    let version = if let Some(version) = &model.version {
        quote!(#version)
    } else {
        quote!(::core::env!("CARGO_PKG_VERSION"))
    };
    quote! {
        #krate::__private::PluginInfo {
            name: #name,
            aliases: &[#(#aliases),*],
            version: #version,
            documentation: #documentation,
            module: ::core::module_path!(),
        }
    }
}

fn plan(model: &Model, config: &TokenStream) -> TokenStream {
    let krate = &model.krate;
    if let Some(field) = &model.split_by {
        // The compiler explains wrong names best if the field is accessed as the user wrote it.
        let place = place_of(field);
        let access = quote_spanned!(place=> config.#field);
        return quote_spanned! {place=>
            |props, max_tasks| {
                #krate::__private::plan_split::<#config, _>(
                    props,
                    max_tasks,
                    |config| &mut #access,
                )
            }
        };
    }
    let default = match model.kind {
        Kind::Source | Kind::Converter => Tasks::Single,
        Kind::Sink => Tasks::Replicate,
    };
    let tasks = model.tasks.as_ref().map_or(default, |(tasks, _)| *tasks);
    match tasks {
        Tasks::Single => quote!(#krate::__private::plan_single),
        Tasks::Replicate => quote!(#krate::__private::plan_replicate),
    }
}
