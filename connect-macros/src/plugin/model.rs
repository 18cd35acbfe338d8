//! What the input means.

use quote::ToTokens;
use syn::{Expr, Generics, Ident, LitStr, Path};

use super::input::Input;
use crate::attribute::Word;
use crate::diag::Diagnostics;
use crate::docs;
use crate::literal::did_you_mean;
use crate::paths::CratePath;

/// The kinds of plugins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Source,
    Sink,
    Converter,
}

impl Kind {
    /// The attribute of this kind.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Source => "source_connector",
            Self::Sink => "sink_connector",
            Self::Converter => "converter",
        }
    }
}

/// A plugin.
pub(super) struct Model {
    pub(super) kind: Kind,
    pub(super) ident: Ident,
    pub(super) generics: Generics,
    pub(super) krate: CratePath,
    pub(super) documentation: String,
    pub(super) name: Option<LitStr>,
    pub(super) aliases: Vec<LitStr>,
    pub(super) version: Option<LitStr>,
    /// The type that implements the trait, if it is not the struct itself.
    pub(super) task: Option<Path>,
    pub(super) split_by: Option<Expr>,
    pub(super) tasks: Option<(Tasks, Word)>,
}

/// How many tasks there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tasks {
    /// One.
    Single,
    /// As many as allowed.
    Replicate,
}

impl Model {
    /// The name that users write.
    pub(super) fn name(&self) -> String {
        let written = self.name.as_ref().map(LitStr::value);
        written.unwrap_or_else(|| self.ident.to_string())
    }
}

pub(super) fn lower(kind: Kind, input: Input<'_>, diag: &mut Diagnostics) -> Model {
    let Input { item, options } = input;
    Model {
        kind,
        ident: item.ident.clone(),
        generics: item.generics.clone(),
        krate: CratePath::new(options.krate.as_ref(), diag),
        documentation: docs::text_of(&item.attrs),
        name: options.name,
        aliases: options.aliases.into_iter().flat_map(|it| it.0).collect(),
        version: options.version,
        task: options.task,
        split_by: options.split_by.and_then(|it| field_path(it, diag)),
        tasks: options.tasks.and_then(|it| tasks(it, diag)),
    }
}

/// A field, or a field of a field.
fn field_path(expr: Expr, diag: &mut Diagnostics) -> Option<Expr> {
    let is_path = match &expr {
        Expr::Path(path) => path.path.get_ident().is_some(),
        Expr::Field(_) => true,
        _ => false,
    };
    if !is_path {
        diag.error(
            &expr,
            "`split_by` names a field of the configuration, such as `tables` or `input.files`",
        );
        return None;
    }
    Some(expr)
}

fn tasks(word: Word, diag: &mut Diagnostics) -> Option<(Tasks, Word)> {
    let tasks = match word.text.as_str() {
        "single" => Tasks::Single,
        "replicate" => Tasks::Replicate,
        text => {
            let hint = did_you_mean(text, ["single", "replicate"]);
            diag.error(
                &word.written.to_token_stream(),
                format!("`tasks` is `single` or `replicate`{hint}"),
            );
            return None;
        }
    };
    Some((tasks, word))
}
