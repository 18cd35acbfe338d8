//! What the user may write.

use darling::FromMeta;
use darling::ast::NestedMeta;
use proc_macro2::TokenStream;
use syn::{Expr, Item, ItemStruct, LitStr, Meta, Path};

use super::model::Kind;
use crate::attribute::{Texts, Word, expression};
use crate::diag::Diagnostics;
use crate::item;

/// A plugin with its options.
pub(super) struct Input<'a> {
    pub(super) item: &'a ItemStruct,
    pub(super) options: Options,
}

/// Options of a plugin; most of them are those of connectors.
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
    #[darling(skip)]
    pub(super) targets: Option<Targets>,
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

/// Options of a transform.
#[derive(Default, FromMeta)]
struct TransformOptions {
    #[darling(default)]
    name: Option<LitStr>,
    #[darling(multiple, rename = "alias")]
    aliases: Vec<Texts>,
    #[darling(default)]
    version: Option<LitStr>,
    #[darling(default)]
    targets: Option<Targets>,
    #[darling(default, rename = "crate")]
    krate: Option<Path>,
}

impl From<TransformOptions> for Options {
    fn from(transform: TransformOptions) -> Self {
        Self {
            name: transform.name,
            aliases: transform.aliases,
            version: transform.version,
            targets: transform.targets,
            krate: transform.krate,
            ..Self::default()
        }
    }
}

/// What a transform changes, as written: `targets(key, value)`.
pub(super) struct Targets {
    pub(super) option: Meta,
    pub(super) words: Vec<NestedMeta>,
}

impl FromMeta for Targets {
    fn from_meta(option: &Meta) -> darling::Result<Self> {
        let Meta::List(list) = option else {
            let form = "write `targets(key, value)`";
            return Err(darling::Error::custom(form).with_span(option));
        };
        Ok(Self {
            option: option.clone(),
            words: NestedMeta::parse_meta_list(list.tokens.clone())?,
        })
    }
}

pub(super) fn parse<'a>(
    kind: Kind,
    arguments: TokenStream,
    item: &'a Item,
    diag: &mut Diagnostics,
) -> Option<Input<'a>> {
    let mut arguments = diag.take(NestedMeta::parse_meta_list(arguments).map_err(Into::into))?;
    match kind {
        Kind::Source
        | Kind::Sink
        | Kind::Converter
        | Kind::HeaderConverter
        | Kind::ClientConfigPolicy
        | Kind::RestExtension => {}
        Kind::Transform | Kind::Predicate => {
            let why = format!("a {} runs inside a task and is not split", kind.attribute());
            refuse_tasks(&why, &mut arguments, diag);
        }
        Kind::ConfigProvider => {
            refuse_tasks(
                "a configuration provider has no tasks",
                &mut arguments,
                diag,
            );
        }
    }
    let options = match kind {
        Kind::Source | Kind::Sink => diag.take(Options::from_list(&arguments)),
        Kind::Converter
        | Kind::Predicate
        | Kind::ConfigProvider
        | Kind::HeaderConverter
        | Kind::ClientConfigPolicy
        | Kind::RestExtension => diag.take(SimpleOptions::from_list(&arguments).map(Into::into)),
        Kind::Transform => diag.take(TransformOptions::from_list(&arguments).map(Into::into)),
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

/// Says why the options about tasks are not known here, and takes them out.
fn refuse_tasks(why: &str, arguments: &mut Vec<NestedMeta>, diag: &mut Diagnostics) {
    arguments.retain(|argument| {
        let NestedMeta::Meta(option) = argument else {
            return true;
        };
        let path = option.path();
        let is_refused = path.is_ident("split_by") || path.is_ident("tasks");
        if is_refused {
            diag.error(path, why);
        }
        !is_refused
    });
}
