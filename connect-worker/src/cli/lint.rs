//! `connect-worker lint`: what is wrong with configurations of connectors, before anything runs.
//!
//! Stricter than a worker, which has to take keys that nobody knows.

mod findings;
mod places;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use connect_core::config::Props;
use connect_core::registry::PluginRegistry;

use super::failure::{Exit, Failure};
use super::{block_on, plugins};
use crate::config::connector::CONNECTOR_CLASS;
use crate::config::connector::aliases::{Alias, AliasKind};
use crate::config::worker::{Brokers, WorkerConfig};
use crate::config::{connector_file, properties};
use crate::herder::validation::{ConfigInfos, HintKind, complete, hints, validate};
use crate::providers::{ConfigProviders, Resolved, has_reference};
use crate::worker::threads::PluginThreads;

use findings::{Class, Finding, to_json, to_sarif, to_text};
use places::Place;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Configurations of connectors
    #[arg(value_name = "CONNECTOR.properties|.json", required = true)]
    files: Vec<PathBuf>,

    /// Properties file of the worker that the connectors are for: with its converters, policies
    /// and configuration providers. Without it values with references are not looked at
    #[arg(long, value_name = "WORKER.properties")]
    worker: Option<PathBuf>,

    /// Also tries each good configuration on the other side, as a validation by REST does
    #[arg(long)]
    probe: bool,

    /// How findings are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each finding
    Text,
    /// A list, for programs
    Json,
    /// A document for code hosts
    Sarif,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let registry = plugins::registry()?;
    let linter = Linter {
        is_probing: arguments.probe,
        ..Linter::new(arguments.worker.as_deref(), &registry)?
    };
    block_on(async {
        let mut findings = Vec::new();
        for file in &arguments.files {
            findings.extend(linter.look_at(file).await?);
        }
        super::print(&match arguments.format {
            Format::Text => to_text(&findings),
            Format::Json => format!("{:#}\n", to_json(&findings)),
            Format::Sarif => format!("{:#}\n", to_sarif(&findings)),
        })?;
        Ok(match findings.iter().any(|it| it.class.is_error()) {
            true => Exit::Refused,
            false => Exit::Done,
        })
    })
}

/// The worker that connectors are for.
struct Linter<'a> {
    plugins: &'a PluginRegistry,
    worker: WorkerConfig,
    providers: ConfigProviders,
    /// Whether configurations are tried on the other side.
    is_probing: bool,
}

impl<'a> Linter<'a> {
    fn new(worker: Option<&Path>, plugins: &'a PluginRegistry) -> Result<Self, Failure> {
        let settings = match worker {
            Some(file) => properties::read(file).map_err(|error| Failure::setup(&error))?,
            None => any_worker(),
        };
        let about = |failure: Failure| match worker {
            Some(file) => failure.about(file.display()),
            None => failure,
        };
        let providers = ConfigProviders::new(&settings, plugins);
        let worker = WorkerConfig::parse(settings, Brokers::Embedded, plugins);
        Ok(Self {
            plugins,
            providers: providers.map_err(|error| about(Failure::setup(&error)))?,
            worker: worker.map_err(|error| about(Failure::setup(&error)))?,
            is_probing: false,
        })
    }

    async fn look_at(&self, path: &Path) -> Result<Vec<Finding>, Failure> {
        let file = path.display().to_string();
        let bytes = tokio::fs::read(path).await;
        let bytes = bytes.map_err(|error| Failure::setup(&error).about(&file))?;
        let written = match connector_file::parse_config(&bytes, path) {
            Ok(config) => config,
            Err(error) => {
                let (line, message) = error.in_line();
                let finding = Finding::new(Class::Malformed, &file, None, message);
                return Ok(vec![Finding { line, ..finding }]);
            }
        };
        let keys = Keys::of(&bytes, &written, file);
        let resolved = self.providers.resolve(&written).await;
        let Resolved { props, secrets, .. } =
            resolved.map_err(|error| Failure::setup(&error).about(path.display()))?;
        let mut findings = keys.repeated();
        match validate(self.plugins, &self.worker, &props) {
            Ok(mut infos) => {
                if self.is_probing {
                    let threads = PluginThreads::new();
                    complete(&threads, self.plugins, &props, &secrets, &mut infos).await;
                }
                findings.extend(keys.invalid(&infos, &props));
                findings.extend(keys.without_predicates(&props));
                findings.extend(self.hints(&keys, &written, &infos));
            }
            Err(error) => {
                let message = error.to_string();
                findings.push(keys.finding(Class::NoConnector, CONNECTOR_CLASS, message));
            }
        }
        for finding in &mut findings {
            finding.message = secrets.hide(&finding.message).into_owned();
        }
        findings.sort_by_key(|it| (it.line, it.column));
        Ok(findings)
    }

    fn hints(&self, keys: &Keys, written: &Props, infos: &ConfigInfos) -> Vec<Finding> {
        let hints = hints(self.plugins, written, infos).into_iter();
        let findings = hints.map(|hint| {
            let key = &hint.key;
            let (class, message) = match &hint.kind {
                HintKind::Unknown { meant: None } => (
                    Class::UnknownKey,
                    format!("`{key}` is not a key of this connector"),
                ),
                HintKind::Unknown { meant: Some(meant) } => (
                    Class::UnknownKey,
                    format!("`{key}` is not a key of this connector; did you mean `{meant}`?"),
                ),
                HintKind::Deprecated { since, name } => (
                    Class::DeprecatedKey,
                    format!("`{key}` is called `{name}` since version {since}"),
                ),
            };
            keys.finding(class, key, message)
        });
        findings.collect()
    }
}

/// A worker that has nothing of its own which a connector could depend on.
fn any_worker() -> Props {
    let converter = "org.apache.kafka.connect.json.JsonConverter";
    Props::from_iter([
        ("key.converter", converter),
        ("value.converter", converter),
        ("offset.storage.file.filename", "unused"),
    ])
}

/// The keys of a file, and where they are written.
struct Keys {
    file: String,
    places: Vec<Place>,
}

impl Keys {
    fn of(bytes: &[u8], written: &Props, file: String) -> Self {
        let is_json = bytes.trim_ascii_start().starts_with(b"{");
        let mut places = match is_json {
            true => places::in_json(&String::from_utf8_lossy(bytes)),
            // The file was read already, so it is well-formed.
            false => places::in_properties(bytes).unwrap_or_default(),
        };
        places.retain(|it| written.contains_key(&it.key));
        Self { file, places }
    }

    /// The place of a key that counts: the last one.
    fn place(&self, key: &str) -> Option<&Place> {
        self.places.iter().rev().find(|it| it.key == key)
    }

    fn finding(&self, class: Class, key: &str, message: String) -> Finding {
        // A key that is missing is missed where the connector is named.
        let place = self.place(key).or_else(|| self.place(CONNECTOR_CLASS));
        Finding::new(class, &self.file, place, message)
    }

    fn repeated(&self) -> Vec<Finding> {
        let earlier = self.places.iter().enumerate().filter_map(|(index, place)| {
            let mut later = self.places.iter().skip(index + 1);
            let again = later.find(|it| it.key == place.key)?;
            let Place { key, line, .. } = again;
            let message = format!("`{key}` is written again in line {line}, which counts");
            Some(Finding::new(
                Class::RepeatedKey,
                &self.file,
                Some(place),
                message,
            ))
        });
        earlier.collect()
    }

    /// The mistakes of a validation, without those of values that are not looked up.
    fn invalid(&self, infos: &ConfigInfos, props: &Props) -> Vec<Finding> {
        let values = infos.configs.iter().filter_map(|it| it.value.as_ref());
        let known = values.filter(|it| !props.get(&it.name).is_some_and(has_reference));
        let findings = known.flat_map(|info| {
            let errors = info.errors.iter().cloned();
            errors.map(|error| self.finding(Class::Invalid, &info.name, error))
        });
        findings.collect()
    }

    /// Predicates that are named and are not there, without those that are not looked up.
    fn without_predicates(&self, props: &Props) -> Vec<Finding> {
        let transforms = Alias::of_kind(AliasKind::Transform, props).into_iter();
        let mistakes = transforms.filter_map(|it| it.names_no_predicate(props));
        let known = mistakes.filter(|(key, _)| !props.get(key).is_some_and(has_reference));
        let findings = known.map(|(key, message)| self.finding(Class::Invalid, &key, message));
        findings.collect()
    }
}

#[cfg(test)]
mod tests;
