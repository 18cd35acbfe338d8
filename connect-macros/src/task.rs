//! `#[source_task]` and `#[sink_task]`: what completes the implementation of a task.

mod check;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{ImplItem, Item, parse_quote};

use crate::diag::Diagnostics;

/// The kinds of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Source,
    Sink,
}

impl Kind {
    fn attribute(self) -> &'static str {
        match self {
            Self::Source => "source_task",
            Self::Sink => "sink_task",
        }
    }

    fn trait_name(self) -> &'static str {
        match self {
            Self::Source => "SourceTask",
            Self::Sink => "SinkTask",
        }
    }

    /// Types that are `()` unless the author says otherwise.
    fn defaults(self) -> &'static [&'static str] {
        match self {
            Self::Source => &["Partition", "Offset"],
            Self::Sink => &[],
        }
    }
}

pub(crate) fn attribute(kind: Kind, arguments: &TokenStream, item: &Item) -> TokenStream {
    let mut diag = Diagnostics::default();
    check::all(kind, arguments, item, &mut diag);
    match (diag.finish(), item) {
        (Ok(()), Item::Impl(item)) => {
            let mut item = item.clone();
            for name in kind.defaults() {
                add_default(name, &mut item.items);
            }
            quote!(#item)
        }
        (Ok(()), item) => quote!(#item),
        // An implementation of another trait would only add to the mistake that is shown.
        (Err(errors), Item::Impl(_)) => errors,
        (Err(errors), item) => quote!(#item #errors),
    }
}

fn add_default(name: &str, items: &mut Vec<ImplItem>) {
    let is_given = items.iter().any(|it| match it {
        ImplItem::Type(given) => given.ident == name,
        _ => false,
    });
    if !is_given {
        let name = format_ident!("{name}");
        items.push(parse_quote!(type #name = ();));
    }
}
