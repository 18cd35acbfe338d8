//! The keys of a plugin for a terminal.

use std::fmt::Write as _;

use super::Reference;
use super::key::{Key, keys};
use super::kind::Kind;
use super::text::wrap;
use crate::config::DefaultValue;

const WIDTH: usize = 92;

pub(super) fn help(reference: &Reference<'_>) -> String {
    let mut help = String::new();
    let plugin = reference.first();
    let noun = Kind::of(plugin).noun.to_lowercase();
    _ = writeln!(
        help,
        "{}, {noun}, version {}",
        reference.title(),
        plugin.info.version
    );
    for plugin in reference.plugins() {
        for name in std::iter::once(&plugin.info.name).chain(plugin.info.aliases) {
            _ = writeln!(help, "  {name}");
        }
    }
    for paragraph in plugin.info.documentation.split("\n\n") {
        help.push('\n');
        indented(&mut help, "", paragraph);
    }
    let definition = reference.definition();
    for key in keys(definition) {
        _ = write!(help, "\n{}  {}\n", key.name(), default(key));
        indented(
            &mut help,
            "    ",
            &key.published.documentation.replace("\n\n", " "),
        );
        for sentence in key.sentences() {
            indented(&mut help, "    ", &sentence);
        }
    }
    for passed in definition.pass_through() {
        _ = write!(help, "\n{}*\n", passed.prefix);
        indented(&mut help, "    ", passed.documentation);
    }
    help
}

fn indented(help: &mut String, indent: &str, paragraph: &str) {
    for line in wrap(paragraph, WIDTH) {
        _ = writeln!(help, "{indent}{line}");
    }
}

fn default(key: Key<'_>) -> String {
    let kind = key.kind().as_str().to_lowercase();
    match (&key.published.default, key.required_when().as_deref()) {
        (DefaultValue::Text(text), _) if text.is_empty() => format!("{kind}, default empty"),
        (DefaultValue::Text(text), _) => format!("{kind}, default {text}"),
        (_, Some([])) => format!("{kind}, required"),
        _ => kind,
    }
}
