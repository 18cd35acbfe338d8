//! What only the other side knows: values to choose from, and whether a configuration works.
//!
//! Asked for clients that show a form, never when a connector is created or changed. The other side
//! may be slow or gone, and plugins may fail or panic: then there is nothing to choose from, and the
//! validation is as good as without it.

use std::fmt;
use std::time::Duration;

use connect_core::ConnectError;
use connect_core::config::{ConfigType, Props, Recommendation};
use connect_core::converter::Role;
use connect_core::plugin::PluginDescriptor;
use connect_core::registry::PluginRegistry;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tracing::warn;

use super::converters::own_converter;
use super::{ConfigInfos, ask};
use crate::config::connector::CONNECTOR_CLASS;
use crate::config::connector::aliases::Alias;
use crate::config::worker::{converter_config, converter_key};
use crate::providers::Secrets;
use crate::worker::threads::PluginThreads;

/// How long the other side has for all questions together.
const DEADLINE: Duration = Duration::from_secs(5);

/// An answer of the other side.
enum Answer {
    /// Values to choose from, by the full name of the key.
    Values(String, connect_core::Result<Vec<String>>),
    /// Whether the configuration works.
    Probe(connect_core::Result<()>),
    /// None: the plugin panicked.
    None(ConnectError),
}

/// Completes a validation by what the other side says.
///
/// To be called on a thread for plugins; each question gets its own. The configuration is tried
/// only if it is good. A failure belongs to no key in particular, so it is shown at that of the
/// class, which every configuration has.
pub(crate) async fn complete(
    threads: &PluginThreads,
    plugins: &PluginRegistry,
    props: &Props,
    secrets: &Secrets,
    infos: &mut ConfigInfos,
) {
    let Some(connector) = props.get(CONNECTOR_CLASS) else {
        return;
    };
    let Ok(plugin) = plugins.connector(connector) else {
        return;
    };
    let is_good = infos.error_count == 0;
    let mut questions = questions(threads, plugins, plugin, props, is_good);
    let hidden = Hidden::of(infos, props, secrets);
    let mut is_probed = !is_good;
    let deadline = Instant::now() + DEADLINE;
    while let Ok(Some(answer)) = timeout_at(deadline, questions.join_next()).await {
        match answer {
            Ok(Answer::Values(key, Ok(values))) => infos.recommend(&key, &values),
            Ok(Answer::Values(key, Err(error))) => {
                let error = hidden.hide(&error);
                warn!(connector, key, error, "no values can be recommended");
            }
            Ok(Answer::Probe(outcome)) => {
                is_probed = true;
                if let Err(error) = outcome {
                    infos.refuse(plugin, &hidden.hide(&error));
                }
            }
            Ok(Answer::None(panic)) => {
                warn!(connector, error = hidden.hide(&panic), "a question failed");
            }
            Err(error) => warn!(connector, error = hidden.hide(&error), "a question failed"),
        }
    }
    let (unanswered, seconds) = (questions.len(), DEADLINE.as_secs());
    if unanswered > 0 {
        warn!(
            connector,
            unanswered, seconds, "questions were not answered in time"
        );
    }
    if !is_probed {
        infos.refuse(
            plugin,
            &match unanswered {
                0 => "the plugin panicked".to_owned(),
                _ => format!("no answer within {seconds} seconds"),
            },
        );
    }
}

/// Asks everything at once.
fn questions(
    threads: &PluginThreads,
    plugins: &PluginRegistry,
    plugin: &PluginDescriptor,
    props: &Props,
    is_good: bool,
) -> JoinSet<Answer> {
    let mut questions = JoinSet::new();
    for source in sources(plugins, plugin, props) {
        for Recommendation { key, values } in source.questions() {
            let key = format!("{}{key}", source.prefix);
            let asked = threads.call(values);
            questions.spawn(async move {
                let values = asked.await;
                Answer::Values(key, values.and_then(|it| it))
            });
        }
    }
    if is_good {
        let probe = threads.call((plugin.config.probe)(props.clone()));
        questions.spawn(async move {
            match probe.await {
                Ok(outcome) => Answer::Probe(outcome),
                Err(panic) => Answer::None(panic),
            }
        });
    }
    questions
}

/// A plugin that is configured, with its own part of the configuration.
pub(super) struct Source<'a> {
    pub(super) plugin: &'a PluginDescriptor,
    pub(super) prefix: String,
    config: Props,
}

impl Source<'_> {
    /// Collecting questions runs code of the plugin as well.
    fn questions(&self) -> Vec<Recommendation> {
        let questions = ask(self.plugin, || (self.plugin.config.recommend)(&self.config));
        questions.unwrap_or_else(|error| {
            warn!(%error, "no values can be recommended");
            Vec::new()
        })
    }
}

pub(super) fn sources<'a>(
    plugins: &'a PluginRegistry,
    connector: &'a PluginDescriptor,
    props: &Props,
) -> Vec<Source<'a>> {
    let mut sources = vec![Source {
        plugin: connector,
        prefix: String::new(),
        config: props.clone(),
    }];
    for role in [Role::Key, Role::Value, Role::Header] {
        if let Some(plugin) = own_converter(role, plugins, props) {
            sources.push(Source {
                plugin,
                prefix: format!("{}.", converter_key(role)),
                config: converter_config(role, props),
            });
        }
    }
    for alias in Alias::all(props) {
        if let Some(plugin) = alias.usable_plugin(props, plugins) {
            sources.push(Source {
                plugin,
                prefix: format!("{alias}."),
                config: alias.plugin_config(props),
            });
        }
    }
    sources
}

impl ConfigInfos {
    fn recommend(&mut self, key: &str, values: &[String]) {
        let infos = self.configs.iter_mut().filter_map(|it| it.value.as_mut());
        for info in infos.filter(|it| it.name == key) {
            info.recommended_values = values.to_vec();
        }
    }

    fn refuse(&mut self, plugin: &PluginDescriptor, problem: &str) {
        let message = format!("{} cannot work with this: {problem}", plugin.info.name);
        let mut infos = self.configs.iter_mut().filter_map(|it| it.value.as_mut());
        if let Some(info) = infos.find(|it| it.name == CONNECTOR_CLASS) {
            info.errors.push(message);
            self.error_count += 1;
        }
    }
}

/// What plugins may have put into their messages and nobody is to see.
struct Hidden<'a> {
    passwords: Vec<String>,
    referenced: &'a Secrets,
}

impl<'a> Hidden<'a> {
    fn of(infos: &ConfigInfos, props: &Props, referenced: &'a Secrets) -> Self {
        let keys = infos.configs.iter().filter_map(|it| it.definition.as_ref());
        let passwords = keys.filter(|it| it.kind == ConfigType::Password);
        let texts = passwords
            .filter_map(|it| props.get(&it.name))
            .map(str::trim);
        let texts = texts.filter(|it| !it.is_empty());
        Self {
            passwords: texts.map(str::to_owned).collect(),
            referenced,
        }
    }

    fn hide(&self, error: &impl fmt::Display) -> String {
        let text = self.referenced.hide(&error.to_string()).into_owned();
        let hide = |text: String, password: &String| text.replace(password, "[hidden]");
        self.passwords.iter().fold(text, hide)
    }
}

#[cfg(test)]
mod tests;
