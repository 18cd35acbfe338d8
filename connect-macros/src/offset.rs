//! `#[derive(SourcePartition)]` and `#[derive(SourceOffset)]`: flat maps of the author's types.

mod check;
mod expand;
mod input;
mod stub;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DeriveInput, Ident};

use crate::diag::Diagnostics;

/// The trait to implement.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Partition,
    Offset,
}

impl Kind {
    fn trait_name(self) -> Ident {
        match self {
            Self::Partition => format_ident!("SourcePartition"),
            Self::Offset => format_ident!("SourceOffset"),
        }
    }
}

pub(crate) fn derive(kind: Kind, input: &DeriveInput) -> TokenStream {
    let mut diag = Diagnostics::default();
    let model = input::parse(input, &mut diag);
    if let Some(model) = &model {
        check::all(model, &mut diag);
    }
    match (diag.finish(), model) {
        (Ok(()), Some(model)) => expand::expand(kind, &model),
        (Ok(()), None) => TokenStream::new(),
        (Err(errors), _) => {
            let stub = stub::stub(kind, input);
            quote!(#errors #stub)
        }
    }
}
