//! From the model to code: an entry in the inventory.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};

use super::model::{Kind, Model, Target, Tasks};
use crate::place::place_of;

pub(super) fn expand(model: &Model) -> TokenStream {
    match model.targets.as_slice() {
        [] => {
            let krate = &model.krate;
            let descriptor = descriptor(model);
            quote! {
                const _: () = {
                    #krate::__private::inventory::submit! { #descriptor }
                };
            }
        }
        targets => expand_targets(model, targets),
    }
}

fn descriptor(model: &Model) -> TokenStream {
    let krate = &model.krate;
    let info = info(model, "");
    let task = model.task.clone();
    let implementor = task.unwrap_or_else(|| model.ident.clone().into());
    let place = place_of(&implementor);
    match model.kind {
        Kind::Converter
        | Kind::Transform
        | Kind::Predicate
        | Kind::ConfigProvider
        | Kind::HeaderConverter
        | Kind::ClientConfigPolicy
        | Kind::RestExtension => {
            let constructor = format_ident!("{}_plugin", model.kind.attribute());
            quote_spanned!(place=> #krate::__private::#constructor::<#implementor>(#info))
        }
        Kind::Source | Kind::Sink if model.plans_for_itself() => {
            let ident = &model.ident;
            let constructor = format_ident!("{}_plugin", model.kind.attribute());
            let place = place_of(ident);
            quote_spanned! {place=>
                #krate::__private::#constructor::<#ident, #implementor>(#info)
            }
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
    }
}

/// A plugin for each target. They are made in one place, so that the compiler complains once about
/// a type that is no transform.
fn expand_targets(model: &Model, targets: &[Target]) -> TokenStream {
    let (krate, ident) = (&model.krate, &model.ident);
    let place = place_of(ident);
    let descriptors = targets.iter().map(|target| {
        let info = info(model, &format!("${}", target.name()));
        let target = format_ident!("{}", target.name());
        quote_spanned! {place=>
            #krate::__private::data_transform_plugin::<#ident>(
                #info,
                #krate::__private::Target::#target,
            )
        }
    });
    let count = targets.len();
    let submissions =
        (0..count).map(|index| quote!(#krate::__private::inventory::submit! { PLUGINS[#index] }));
    quote! {
        const _: () = {
            const PLUGINS: [#krate::__private::PluginDescriptor; #count] = [#(#descriptors),*];
            #(#submissions)*
        };
    }
}

/// Who the plugin is; `ending` is that of its names.
fn info(model: &Model, ending: &str) -> TokenStream {
    let (krate, documentation) = (&model.krate, &model.documentation);
    let name = model.name() + ending;
    let aliases = model.aliases.iter().map(|it| it.value() + ending);
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
            |read, written, max_tasks| {
                #krate::__private::plan_split::<#config, _>(
                    read,
                    written,
                    max_tasks,
                    |config| &mut #access,
                )
            }
        };
    }
    let default = match model.kind {
        Kind::Sink => Tasks::Replicate,
        Kind::Source
        | Kind::Converter
        | Kind::Transform
        | Kind::Predicate
        | Kind::ConfigProvider
        | Kind::HeaderConverter
        | Kind::ClientConfigPolicy
        | Kind::RestExtension => Tasks::Single,
    };
    let tasks = model.tasks.as_ref().map_or(default, |(tasks, _)| *tasks);
    match tasks {
        Tasks::Single => quote!(#krate::__private::plan_single),
        Tasks::Replicate => quote!(#krate::__private::plan_replicate),
    }
}
