//! The page of a plugin, in Markdown.

use std::fmt::Write as _;

use super::Reference;
use super::key::{Condition, Key, in_words, keys};
use super::kind::Kind;
use super::text::{code, first_paragraph};
use crate::config::{ConfigDef, DefaultValue, KeyAlias};

/// The heading above keys that are in no group, where there are groups.
const WITHOUT_GROUP: &str = "General";

pub(super) fn page(reference: &Reference<'_>) -> String {
    let plugin = reference.first();
    let kind = Kind::of(plugin);
    let definition = reference.definition();
    let mut page = format!("# {}\n\n", reference.title());
    paragraph(
        &mut page,
        &format!("{}, version {}.", kind.noun, plugin.info.version),
    );
    paragraph(&mut page, plugin.info.documentation);
    names(&mut page, reference);
    page.push_str("\n## Configuration\n\n");
    if !definition.documentation().is_empty() {
        paragraph(&mut page, definition.documentation());
    }
    configuration(&mut page, definition);
    page.push_str("\n## Sample\n\n");
    paragraph(&mut page, kind.sample);
    _ = write!(
        page,
        "```properties\n{}```\n",
        reference.sample().to_properties()
    );
    page
}

fn paragraph(page: &mut String, text: &str) {
    page.push_str(text);
    page.push_str("\n\n");
}

/// What users write to have the plugin.
fn names(page: &mut String, reference: &Reference<'_>) {
    let key = Kind::of(reference.first()).class_key;
    let plugins = || reference.plugins().map(|it| &it.info);
    let have_aliases = plugins().any(|it| !it.aliases.is_empty());
    match have_aliases {
        true => _ = writeln!(page, "| `{key}` | other names |\n| --- | --- |"),
        false => _ = writeln!(page, "| `{key}` |\n| --- |"),
    }
    for info in plugins() {
        let aliases: Vec<_> = info.aliases.iter().map(|it| code(it)).collect();
        match have_aliases {
            true => _ = writeln!(page, "| {} | {} |", code(info.name), aliases.join(", ")),
            false => _ = writeln!(page, "| {} |", code(info.name)),
        }
    }
}

fn configuration(page: &mut String, definition: &ConfigDef) {
    let passed = definition.pass_through();
    if keys(definition).next().is_none() && passed.is_empty() {
        page.push_str("There is nothing to configure.\n");
        return;
    }
    overview(page, definition);
    let ungrouped = keys(definition).filter(|it| it.published.group.is_none());
    let heading = (!definition.groups().is_empty()).then_some(WITHOUT_GROUP);
    group(page, heading, ungrouped);
    for declared in definition.groups() {
        let mut members: Vec<_> = keys(definition)
            .filter(|it| it.published.group.as_deref() == Some(declared.id))
            .collect();
        members.sort_by_key(|it| it.published.order_in_group);
        group(page, Some(declared.label), members.into_iter());
    }
    for passed in passed {
        _ = write!(
            page,
            "\n### {}\n\n{}\n\n- Every key with this prefix is passed on without it.\n",
            code(&format!("{}*", passed.prefix)),
            passed.documentation
        );
    }
}

/// All keys at a glance.
fn overview(page: &mut String, definition: &ConfigDef) {
    page.push_str("| key | default | |\n| --- | --- | --- |\n");
    for key in keys(definition) {
        let name = key.name();
        let anchor: String = name.chars().filter(|it| *it != '.').collect();
        let summary = key.summary().replace('|', "\\|");
        let default = default(key).replace('|', "\\|");
        _ = writeln!(
            page,
            "| [{}](#{anchor}) | {default} | {summary} |",
            code(name)
        );
    }
    for passed in definition.pass_through() {
        let summary = first_paragraph(passed.documentation).replace('|', "\\|");
        let name = code(&format!("{}*", passed.prefix));
        _ = writeln!(page, "| {name} | | {summary} |");
    }
}

fn group<'a>(page: &mut String, label: Option<&str>, members: impl Iterator<Item = Key<'a>>) {
    let mut members = members.peekable();
    if members.peek().is_none() {
        return;
    }
    if let Some(label) = label {
        _ = write!(page, "\n### {label}\n");
    }
    let level = match label {
        Some(_) => "####",
        None => "###",
    };
    for key in members {
        _ = write!(page, "\n{level} {}\n\n", code(key.name()));
        paragraph(page, &key.published.documentation);
        for fact in facts(key) {
            _ = writeln!(page, "{fact}");
        }
    }
}

/// Lines of a list.
fn facts(key: Key<'_>) -> Vec<String> {
    let mut facts = vec![format!("- Type: {}", key.kind().as_str().to_lowercase())];
    facts.extend(key.unit_words(code).map(|it| format!("- Counts {it}")));
    facts.push(format!("- Default: {}", default(key)));
    facts.extend(values(key));
    let importance = key.published.importance.as_str().to_lowercase();
    facts.push(format!("- Importance: {importance}"));
    facts.extend(relevance(key));
    let conflicts = key.conflicts().map(code);
    facts.extend(conflicts.map(|it| format!("- Not together with {it}")));
    facts.extend(key.aliases().iter().map(alias));
    facts.extend(key.since().map(|it| format!("- Since version {it}")));
    facts.extend(key.example().map(|it| format!("- Example: {}", code(it))));
    facts
}

/// Names to choose from have a line each, below that of the rule.
fn values(key: Key<'_>) -> Vec<String> {
    let choices = key.choices().iter();
    let documented = choices.filter(|it| !it.documentation.is_empty());
    let each = documented.map(|it| format!("  - {}: {}", code(it.name), it.documentation));
    let rule = key.values(code).map(|it| format!("- Valid values: {it}"));
    rule.into_iter().chain(each).collect()
}

/// When the key means something, and when it must be given.
fn relevance(key: Key<'_>) -> Vec<String> {
    let applies = key.applies_when();
    let required = key.required_when().unwrap_or_default();
    let words = |what: &str, conditions: &[Condition<'_>]| {
        let conditions = (!conditions.is_empty()).then(|| in_words(conditions, code));
        conditions.map(|it| format!("- {what} when {it}"))
    };
    if applies == required {
        return words("Applies, and is required,", &applies)
            .into_iter()
            .collect();
    }
    let both = [words("Applies", &applies), words("Required", &required)];
    both.into_iter().flatten().collect()
}

fn default(key: Key<'_>) -> String {
    match (&key.published.default, key.required_when().as_deref()) {
        (DefaultValue::Text(text), _) if text.is_empty() => "empty".to_owned(),
        (DefaultValue::Text(text), _) => code(text),
        (_, Some([])) => "none, required".to_owned(),
        (_, Some(_)) => "none, sometimes required".to_owned(),
        (_, None) => "none".to_owned(),
    }
}

fn alias(alias: &KeyAlias) -> String {
    match alias.deprecated_since {
        Some(version) => format!("- Was {} before version {version}", code(&alias.name)),
        None => format!("- Also {}", code(&alias.name)),
    }
}
