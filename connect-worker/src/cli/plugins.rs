//! `connect-worker plugins`: what was linked into this program, and how it is configured.

use clap::ValueEnum;
use connect_core::config::nearest;
use connect_core::plugin::PluginDescriptor;
use connect_core::reference::{self, Reference};
use connect_core::registry::{LookupError, PluginRegistry};

use super::failure::{Exit, Failure};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Class name, other name or simple name of one of them
    name: Option<String>,

    /// What is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The list of plugins, or the keys of one
    Text,
    /// The same as a page
    Markdown,
    /// Everything that is known, for programs
    Json,
    /// The keys of one plugin as a JSON Schema
    Schema,
    /// A configuration of one plugin to start from
    Properties,
    /// The keys of one plugin as reStructuredText
    Rst,
    /// The keys of one plugin as an HTML list
    Html,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    super::print(&render(&registry()?, arguments)?)
}

/// The plugins of this program.
pub(super) fn registry() -> Result<PluginRegistry, Failure> {
    PluginRegistry::from_inventory().map_err(|error| Failure::setup(&error))
}

fn render(registry: &PluginRegistry, arguments: &Arguments) -> Result<String, Failure> {
    let Some(name) = &arguments.name else {
        return render_all(registry, arguments.format);
    };
    let reference = find(registry, name)?;
    Ok(match arguments.format {
        Format::Text => reference.help(),
        Format::Markdown => reference.page(),
        Format::Json => pretty(&reference.manifest()),
        Format::Schema => pretty(&reference.schema()),
        Format::Properties => reference.sample().to_properties(),
        Format::Rst => reference.definition().to_enriched_rst(),
        Format::Html => reference.definition().to_html(),
    })
}

fn render_all(registry: &PluginRegistry, format: Format) -> Result<String, Failure> {
    match format {
        Format::Text => Ok(list(registry)),
        Format::Markdown => Ok(reference::index(registry)),
        Format::Json => Ok(pretty(&reference::manifest(registry))),
        Format::Schema | Format::Properties | Format::Rst | Format::Html => Err(Failure::usage(
            "only text, markdown and json can be printed without the name of a plugin",
        )),
    }
}

fn find<'a>(registry: &'a PluginRegistry, name: &str) -> Result<Reference<'a>, Failure> {
    Reference::find(registry, name).map_err(|error| {
        let hint = match &error {
            LookupError::Unknown(_) => {
                let references = Reference::all(registry);
                nearest(
                    name,
                    references
                        .iter()
                        .map(Reference::title)
                        .chain(registry.names()),
                )
            }
            LookupError::WrongKind { .. } | LookupError::Ambiguous { .. } => None,
        };
        Failure::usage(match hint {
            Some(hint) => format!("{error}; did you mean `{hint}`?"),
            None => format!("{error}; `plugins` lists all of them"),
        })
    })
}

/// A line for each plugin, and one for each other name that it has.
fn list(registry: &PluginRegistry) -> String {
    let width =
        |text: fn(&PluginDescriptor) -> &str| registry.iter().map(|it| text(it).len()).max();
    let name_width = width(|it| it.info.name).unwrap_or_default();
    let version_width = width(|it| it.info.version).unwrap_or_default();
    let mut list = String::new();
    for plugin in registry.iter() {
        let info = plugin.info;
        let kind = plugin.entry.kind().as_str();
        let summary = Reference::of(plugin).summary();
        list.push_str(&format!(
            "{kind:<9}  {:<name_width$}  {:<version_width$}  {summary}\n",
            info.name, info.version
        ));
        for alias in info.aliases {
            list.push_str(&format!("{:<9}  also {alias}\n", ""));
        }
    }
    list
}

fn pretty(json: &serde_json::Value) -> String {
    format!("{json:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn render(name: Option<&str>, format: Format) -> Result<String, String> {
        let arguments = Arguments {
            name: name.map(str::to_owned),
            format,
        };
        let registry = registry().expect("names are unique");
        super::render(&registry, &arguments).map_err(|it| it.to_string())
    }

    #[test]
    fn one_plugin_is_told_of_in_every_form() {
        for (format, start) in [
            (
                Format::Text,
                "FileStreamSinkConnector, sink connector, version 4.3.1\n",
            ),
            (Format::Markdown, "# FileStreamSinkConnector\n"),
            (
                Format::Json,
                "[\n  {\n    \"name\": \"org.apache.kafka.connect.file.",
            ),
            (
                Format::Schema,
                "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\"",
            ),
            (
                Format::Properties,
                "name=file-stream-sink-connector\nconnector.class=",
            ),
        ] {
            let text = render(Some("FileStreamSink"), format).unwrap();

            assert!(text.starts_with(start) && text.ends_with('\n'), "{text}");
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_a_near_one() {
        for (name, hint) in [
            ("FileStreamSnk", "did you mean `FileStreamSink`?"),
            (
                "FileStreamSourceConector",
                "did you mean `FileStreamSourceConnector`?",
            ),
            ("InsertFeld", "did you mean `InsertField`?"),
            (
                "org.apache.kafka.connect.json.JsonConvertr",
                "connect.json.JsonConverter`?",
            ),
            ("Mainframe", "`plugins` lists all of them"),
        ] {
            let message = render(Some(name), Format::Text).unwrap_err();

            assert!(
                message.starts_with(&format!("no plugin answers to `{name}`; ")),
                "{message}"
            );
            assert!(message.ends_with(hint), "{message}");
        }
    }

    #[test]
    fn all_plugins_have_no_schema_in_common() {
        assert!(
            render(None, Format::Json)
                .unwrap()
                .starts_with("{\n  \"form\": 1,")
        );
        assert!(
            render(None, Format::Markdown)
                .unwrap()
                .starts_with("# Plugins\n")
        );
        for format in [
            Format::Schema,
            Format::Properties,
            Format::Rst,
            Format::Html,
        ] {
            let message = render(None, format).unwrap_err();

            assert!(
                message.ends_with("without the name of a plugin"),
                "{message}"
            );
        }
    }
}
