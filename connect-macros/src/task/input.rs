//! What may be written behind the attribute of a task.

use darling::FromMeta;
use darling::ast::NestedMeta;
use proc_macro2::TokenStream;
use syn::Path;

use super::Kind;
use crate::diag::Diagnostics;

/// Options of a task.
#[derive(Default, FromMeta)]
pub(super) struct Options {
    /// Its methods are plain functions.
    #[darling(default)]
    pub(super) blocking: bool,
    #[darling(default, rename = "crate")]
    pub(super) krate: Option<Path>,
}

pub(super) fn parse(kind: Kind, arguments: &TokenStream, diag: &mut Diagnostics) -> Options {
    let attribute = kind.attribute();
    let Ok(parsed) = NestedMeta::parse_meta_list(arguments.clone()) else {
        let problem = format!("write `#[{attribute}]` or `#[{attribute}(blocking)]`");
        diag.error(arguments, problem);
        return Options::default();
    };
    diag.take(Options::from_list(&parsed)).unwrap_or_default()
}
