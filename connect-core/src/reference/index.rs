//! The list of all plugins, in Markdown.

use std::fmt::Write as _;

use super::Reference;
use super::kind::Kind;
use super::text::code;
use crate::registry::PluginRegistry;

/// The list of all plugins, in Markdown. Each leads to the page of its title in the same folder.
#[must_use]
pub fn index(registry: &PluginRegistry) -> String {
    let mut page = "# Plugins\n".to_owned();
    let mut kind = None;
    for reference in Reference::all(registry) {
        if kind.replace(reference.kind()) != Some(reference.kind()) {
            let heading = Kind::of(reference.first()).plural;
            _ = write!(
                page,
                "\n## {heading}\n\n| | | name |\n| --- | --- | --- |\n"
            );
        }
        let (title, summary) = (reference.title(), reference.summary().replace('|', "\\|"));
        let names: Vec<_> = reference.plugins().map(|it| code(it.info.name)).collect();
        let names = names.join(", ");
        _ = writeln!(page, "| [{title}]({title}.md) | {summary} | {names} |");
    }
    page
}
