//! What the user may write.

use darling::FromMeta;
use darling::ast::NestedMeta;
use proc_macro2::TokenStream;
use syn::{Expr, Item, ItemStruct, LitStr, Path};

use super::model::Kind;
use crate::attribute::{Texts, Word, expression};
use crate::diag::Diagnostics;
use crate::item;

/// A plugin with its options.
pub(super) struct Input<'a> {
    pub(super) item: &'a ItemStruct,
    pub(super) options: Options,
}

/// Options of a connector.
#[derive(Default, FromMeta)]
pub(super) struct Options {
    #[darling(default)]
    pub(super) name: Option<LitStr>,
    #[darling(multiple, rename = "alias")]
    pub(super) aliases: Vec<Texts>,
    #[darling(default)]
    pub(super) version: Option<LitStr>,
    #[darling(default)]
    pub(super) task: Option<Path>,
    #[darling(default, with = expression)]
    pub(super) split_by: Option<Expr>,
    #[darling(default)]
    pub(super) tasks: Option<Word>,
    #[darling(default, rename = "crate")]
    pub(super) krate: Option<Path>,
}

/// Options of a plugin that has no tasks.
#[derive(Default, FromMeta)]
struct SimpleOptions {
    #[darling(default)]
    name: Option<LitStr>,
    #[darling(multiple, rename = "alias")]
    aliases: Vec<Texts>,
    #[darling(default)]
    version: Option<LitStr>,
    #[darling(default, rename = "crate")]
    krate: Option<Path>,
}

impl From<SimpleOptions> for Options {
    fn from(simple: SimpleOptions) -> Self {
        Self {
            name: simple.name,
            aliases: simple.aliases,
            version: simple.version,
            krate: simple.krate,
            ..Self::default()
        }
    }
}

pub(super) fn parse<'a>(
    kind: Kind,
    arguments: TokenStream,
    item: &'a Item,
    diag: &mut Diagnostics,
) -> Option<Input<'a>> {
    let arguments = diag.take(NestedMeta::parse_meta_list(arguments).map_err(Into::into))?;
    let options = match kind {
        Kind::Source | Kind::Sink => diag.take(Options::from_list(&arguments)),
        Kind::Converter => diag.take(SimpleOptions::from_list(&arguments).map(Into::into)),
    };
    match item {
        Item::Struct(item) => Some(Input {
            item,
            options: options?,
        }),
        other => {
            let problem = format!("`#[{}]` goes on a struct", kind.attribute());
            diag.error(&item::name_of(other), problem);
            None
        }
    }
}
