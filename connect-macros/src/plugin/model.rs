//! What the input means.

use darling::ast::NestedMeta;
use quote::ToTokens;
use syn::{Expr, Generics, Ident, LitStr, Meta, Path};

use super::input::{Input, Targets};
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
    Transform,
    Predicate,
    ConfigProvider,
    HeaderConverter,
    ClientConfigPolicy,
    RestExtension,
}

impl Kind {
    /// The attribute of this kind.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Source => "source_connector",
            Self::Sink => "sink_connector",
            Self::Converter => "converter",
            Self::Transform => "transform",
            Self::Predicate => "predicate",
            Self::ConfigProvider => "config_provider",
            Self::HeaderConverter => "header_converter",
            Self::ClientConfigPolicy => "client_config_policy",
            Self::RestExtension => "rest_extension",
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
    /// What a transform changes; none when it changes whole records.
    pub(super) targets: Vec<Target>,
}

/// How many tasks there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tasks {
    /// One.
    Single,
    /// As many as allowed.
    Replicate,
}

/// The half of a record that a transform changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Key,
    Value,
}

impl Target {
    /// Its variant in the SDK, and the end of the plugin's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Key => "Key",
            Self::Value => "Value",
        }
    }
}

impl Model {
    /// The name that users write.
    pub(super) fn name(&self) -> String {
        let written = self.name.as_ref().map(LitStr::value);
        written.unwrap_or_else(|| self.ident.to_string())
    }

    /// Whether the struct is a connector with a life of its own: its task is another type, and
    /// nothing declares how the work is divided.
    pub(super) fn plans_for_itself(&self) -> bool {
        self.task.is_some() && self.split_by.is_none() && self.tasks.is_none()
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
        targets: options
            .targets
            .map_or_else(Vec::new, |it| targets(&it, diag)),
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

fn targets(written: &Targets, diag: &mut Diagnostics) -> Vec<Target> {
    if written.words.is_empty() {
        diag.error(&written.option, "`targets` names `key`, `value` or both");
    }
    let mut targets = Vec::new();
    for word in &written.words {
        let target = match word {
            NestedMeta::Meta(Meta::Path(path)) if path.is_ident("key") => Target::Key,
            NestedMeta::Meta(Meta::Path(path)) if path.is_ident("value") => Target::Value,
            _ => {
                diag.error(word, "a transform targets `key` or `value`");
                continue;
            }
        };
        match targets.contains(&target) {
            true => diag.error(word, "this target is named twice"),
            false => targets.push(target),
        }
    }
    targets
}
