//! `#[derive(ConnectorConfig)]`.

mod check;
mod expand;
mod input;
mod model;
mod shape;
mod stub;
mod tagged;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DataEnum, DeriveInput};

use crate::diag::Diagnostics;

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut diag = Diagnostics::default();
    let expanded = match &input.data {
        Data::Enum(data) => derive_tagged(input, data, &mut diag),
        Data::Struct(_) | Data::Union(_) => derive_struct(input, &mut diag),
    };
    match diag.finish() {
        Ok(()) => expanded.unwrap_or_default(),
        Err(errors) => {
            let stub = stub::stub(input);
            quote!(#errors #stub)
        }
    }
}

fn derive_struct(input: &DeriveInput, diag: &mut Diagnostics) -> Option<TokenStream> {
    let model = input::parse(input, diag).map(|it| model::lower(it, diag))?;
    check::all(&model, diag);
    diag.is_empty().then(|| expand::expand(&model))
}

fn derive_tagged(
    input: &DeriveInput,
    data: &DataEnum,
    diag: &mut Diagnostics,
) -> Option<TokenStream> {
    let model = tagged::parse(input, data, diag)?;
    check::all_of_tagged(&model, diag);
    diag.is_empty().then(|| expand::expand_tagged(&model))
}
