//! The border to the compiler.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parse;

/// Runs a macro on an item. A panic becomes a message that says whose mistake it is.
pub(crate) fn expand<T: Parse>(
    item: proc_macro::TokenStream,
    expand: impl FnOnce(&T) -> TokenStream,
) -> proc_macro::TokenStream {
    let item: T = match syn::parse(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error().into(),
    };
    let expanded = catch_unwind(AssertUnwindSafe(|| expand(&item)));
    expanded
        .unwrap_or_else(|_| {
            quote!(::core::compile_error!("this is a bug in connect-macros, please report it");)
        })
        .into()
}
