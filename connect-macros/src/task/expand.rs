//! From the implementation that an author wrote to the ones that the SDK needs.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{FnArg, ImplItem, ImplItemFn, ItemImpl, Pat, parse_quote};

use super::Kind;
use crate::paths::CratePath;
use crate::place::place_of;

/// Adds what follows from the rest of an implementation.
pub(super) fn complete(kind: Kind, mut item: ItemImpl) -> ItemImpl {
    for name in kind.defaults() {
        let is_given = item.items.iter().any(|it| match it {
            ImplItem::Type(given) => given.ident == name,
            _ => false,
        });
        if !is_given {
            let name = format_ident!("{name}");
            item.items.push(parse_quote!(type #name = ();));
        }
    }
    if kind == Kind::Source && has_method(&item, "settled") {
        item.items.push(parse_quote!(
            const WANTS_SETTLED: bool = true;
        ));
    }
    item
}

fn has_method(item: &ItemImpl, name: &str) -> bool {
    methods(item).any(|it| it.sig.ident == name)
}

fn methods(item: &ItemImpl) -> impl Iterator<Item = &ImplItemFn> {
    item.items.iter().filter_map(|it| match it {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    })
}

/// Splits an implementation with blocking methods: these under a trait of their own, and beside
/// them the one that the SDK knows, whose methods call them.
pub(super) fn blocking(kind: Kind, krate: &CratePath, mut item: ItemImpl) -> TokenStream {
    let is_blocking = |it: &ImplItem| match it {
        ImplItem::Fn(method) => kind
            .blocking_methods()
            .iter()
            .any(|name| method.sig.ident == name),
        _ => false,
    };
    let (blocking, mut rest): (Vec<_>, Vec<_>) = item.items.drain(..).partition(is_blocking);
    let module = format_ident!("{}", kind.module());
    let name = format_ident!("Blocking{}", kind.trait_name());
    let place = place_of(&item.self_ty);
    let path = quote_spanned!(place=> #krate::#module::#name);
    for method in &blocking {
        if let ImplItem::Fn(method) = method {
            rest.push(delegate(method, &path));
        }
    }
    rest.push(start_erased(kind, krate));

    let mut blocking_item = item.clone();
    blocking_item.items = blocking;
    if let Some((written, _)) = &mut blocking_item.trait_ {
        *written = parse_quote!(#path);
    }
    item.items = rest;
    quote!(#item #blocking_item)
}

/// A method of the task that calls the blocking one of the same name.
fn delegate(method: &ImplItemFn, path: &TokenStream) -> ImplItem {
    let mut signature = method.sig.clone();
    let name = &signature.ident;
    let mut arguments = Vec::new();
    for (index, input) in signature.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(receiver) => {
                // That of `mut self`, which the blocking method alone needs.
                receiver.mutability = None;
                arguments.push(quote!(self));
            }
            FnArg::Typed(typed) => {
                let argument = format_ident!("argument_{index}");
                *typed.pat = Pat::Verbatim(quote!(#argument));
                arguments.push(quote!(#argument));
            }
        }
    }
    let call = quote!(<Self as #path>::#name(#(#arguments),*));
    signature.asyncness = Some(parse_quote!(async));
    parse_quote!(#signature { #call })
}

fn start_erased(kind: Kind, krate: &CratePath) -> ImplItem {
    let module = format_ident!("{}", kind.module());
    let (context, erased) = match kind {
        Kind::Source => ("TaskContext", "ErasedSourceTask"),
        Kind::Sink => ("SinkContext", "ErasedSinkTask"),
    };
    let (context, erased) = (format_ident!("{context}"), format_ident!("{erased}"));
    parse_quote! {
        fn start_erased(
            props: #krate::config::Props,
            cx: #krate::#module::#context,
        ) -> #krate::source::BoxFuture<
            'static,
            #krate::Result<::std::boxed::Box<dyn #krate::#module::#erased>>,
        > {
            #krate::#module::start_blocking::<Self>(props, cx)
        }
    }
}
