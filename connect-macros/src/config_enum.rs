//! `#[derive(ConfigEnum)]`.

mod check;
mod expand;
mod input;
mod stub;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::diag::Diagnostics;

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut diag = Diagnostics::default();
    let model = input::parse(input, &mut diag);
    if let Some(model) = &model {
        check::all(model, &mut diag);
    }
    match (diag.finish(), model) {
        (Ok(()), Some(model)) => expand::expand(&model),
        (Ok(()), None) => TokenStream::new(),
        (Err(errors), _) => {
            let stub = stub::stub(input);
            quote!(#errors #stub)
        }
    }
}
