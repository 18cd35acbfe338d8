//! `#[source_task]` and `#[sink_task]`: what completes the implementation of a task.

mod check;
mod expand;
mod input;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Item;

use crate::diag::Diagnostics;
use crate::paths::CratePath;

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

    /// The module of the SDK.
    fn module(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Sink => "sink",
        }
    }

    /// Methods that run on a thread of the task's own if it blocks.
    fn blocking_methods(self) -> &'static [&'static str] {
        match self {
            Self::Source => &["start", "poll", "commit", "settled", "stop"],
            Self::Sink => &[
                "start",
                "put",
                "flush",
                "pre_commit",
                "open",
                "close",
                "stop",
            ],
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
    let options = input::parse(kind, arguments, &mut diag);
    check::all(kind, &options, item, &mut diag);
    let krate = CratePath::new(options.krate.as_ref(), &mut diag);
    match (diag.finish(), item) {
        (Ok(()), Item::Impl(item)) => {
            let item = expand::complete(kind, item.clone());
            if options.blocking {
                return expand::blocking(kind, &krate, item);
            }
            quote!(#item)
        }
        (Ok(()), item) => quote!(#item),
        // An implementation of another trait would only add to the mistake that is shown.
        (Err(errors), Item::Impl(_)) => errors,
        (Err(errors), item) => quote!(#item #errors),
    }
}
