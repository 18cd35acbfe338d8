//! Every rule about the meaning of a plugin's declaration. Each function is one rule.

use syn::LitStr;

use super::model::Model;
use crate::diag::Diagnostics;
use crate::literal::is_plugin_name;

pub(super) fn all(model: &Model, diag: &mut Diagnostics) {
    plugin_is_documented(model, diag);
    plugin_is_concrete(model, diag);
    names_are_well_formed(model, diag);
    alias_is_another_name(model, diag);
    version_is_semantic(model, diag);
    split_excludes_tasks(model, diag);
}

fn plugin_is_documented(model: &Model, diag: &mut Diagnostics) {
    if model.documentation.is_empty() {
        let ident = &model.ident;
        diag.error(
            ident,
            format!(
                "`{ident}` has no documentation; add a `///` comment, its first line is the \
                 plugin's summary"
            ),
        );
    }
}

fn plugin_is_concrete(model: &Model, diag: &mut Diagnostics) {
    if let Some(parameter) = model.generics.params.first() {
        diag.error(
            parameter,
            "a plugin is one concrete type and cannot be generic",
        );
    }
}

fn names_are_well_formed(model: &Model, diag: &mut Diagnostics) {
    for name in model.name.iter().chain(&model.aliases) {
        let text = name.value();
        if !is_plugin_name(&text) {
            diag.error(
                name,
                format!(
                    "`{text}` is not a plugin name; use letters, digits, `.`, `_`, `-`, for \
                     example `PgSource` or `org.example.PgSource`"
                ),
            );
        }
    }
}

fn alias_is_another_name(model: &Model, diag: &mut Diagnostics) {
    let mut names = vec![model.name()];
    for alias in &model.aliases {
        let text = alias.value();
        match names.contains(&text) {
            true => diag.error(
                alias,
                format!("alias `{text}` is already a name of this plugin"),
            ),
            false => names.push(text),
        }
    }
}

fn version_is_semantic(model: &Model, diag: &mut Diagnostics) {
    let Some(version) = &model.version else {
        return;
    };
    let text = LitStr::value(version);
    if semver::Version::parse(&text).is_err() {
        diag.error(
            version,
            format!("`{text}` is not a semantic version; omit `version` to use the crate's"),
        );
    }
}

fn split_excludes_tasks(model: &Model, diag: &mut Diagnostics) {
    if let (Some(_), Some((_, word))) = (&model.split_by, &model.tasks) {
        diag.error(
            &word.written,
            "`split_by` and `tasks` exclude each other: `split_by` decides how many tasks there \
             are",
        );
    }
}
