//! What differs between kinds of plugins: their names, and where they stand in a configuration.

use super::text::{camel, words};
use crate::converter::Role;
use crate::plugin::{PluginDescriptor, PluginEntry};

/// The key that names the policy for client settings.
const CLIENT_CONFIG_POLICY: &str = "connector.client.config.override.policy";
/// The key that names the REST extensions.
const REST_EXTENSIONS: &str = "rest.extension.classes";

/// A kind of plugin in words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    /// One of them.
    pub(super) noun: &'static str,
    /// Many of them.
    pub(super) plural: &'static str,
    /// The key that names the plugin.
    pub(super) class_key: &'static str,
    /// Whether that key stands beside the plugin's own ones.
    pub(super) is_class_beside: bool,
    /// What a sample is, as a sentence.
    pub(super) sample: &'static str,
}

impl Kind {
    pub(super) fn of(plugin: &PluginDescriptor) -> Self {
        let connector = Self {
            noun: "Source connector",
            plural: "Source connectors",
            class_key: "connector.class",
            is_class_beside: true,
            sample: "What has to be given is given; the rest is commented out.",
        };
        let step = Self {
            noun: "Transform",
            plural: "Transforms",
            class_key: "type",
            is_class_beside: true,
            sample: "In the configuration of a connector; what need not be given is commented out.",
        };
        match plugin.entry {
            PluginEntry::Source { .. } => connector,
            PluginEntry::Sink { .. } => Self {
                noun: "Sink connector",
                plural: "Sink connectors",
                ..connector
            },
            PluginEntry::Transform { .. } => step,
            PluginEntry::Predicate { .. } => Self {
                noun: "Predicate",
                plural: "Predicates",
                ..step
            },
            PluginEntry::Converter { roles, .. } => Self {
                noun: match roles {
                    [Role::Header] => "Header converter",
                    _ => "Converter",
                },
                plural: "Converters",
                class_key: converter_key(roles),
                is_class_beside: false,
                sample: "In the configuration of a worker or connector; what need not be given is \
                         commented out.",
            },
            PluginEntry::ConfigProvider { .. } => Self {
                noun: "Configuration provider",
                plural: "Configuration providers",
                class_key: "class",
                is_class_beside: false,
                sample: "In the configuration of a worker; what need not be given is commented out.",
            },
            PluginEntry::ClientConfigPolicy { .. } => Self {
                noun: "Policy for client settings",
                plural: "Policies for client settings",
                class_key: CLIENT_CONFIG_POLICY,
                is_class_beside: true,
                sample: "In the configuration of a worker; what need not be given is commented out.",
            },
            PluginEntry::RestExtension { .. } => Self {
                noun: "REST extension",
                plural: "REST extensions",
                class_key: REST_EXTENSIONS,
                is_class_beside: true,
                sample: "In the configuration of a worker; what need not be given is commented out.",
            },
        }
    }
}

/// What makes a plugin part of a configuration.
#[derive(Debug)]
pub(super) struct Head {
    /// The keys that name it, and others that are needed.
    pub(super) lines: Vec<(String, String)>,
    /// What stands before its own keys.
    pub(super) prefix: String,
    /// The name of a connector.
    pub(super) name: Option<String>,
}

impl Head {
    pub(super) fn of(plugin: &PluginDescriptor, title: &str) -> Self {
        let class = plugin.info.name;
        match plugin.entry {
            PluginEntry::Source { .. } => Self::connector(class, title, &[]),
            PluginEntry::Sink { .. } => Self::connector(class, title, &[("topics", "my-topic")]),
            PluginEntry::Converter { roles, .. } => {
                let key = converter_key(roles);
                Self {
                    lines: owned(&[(key, class)]),
                    prefix: format!("{key}."),
                    name: None,
                }
            }
            PluginEntry::Transform { .. } => Self::listed("transforms", "type", class, title),
            PluginEntry::Predicate { .. } => Self::listed("predicates", "type", class, title),
            PluginEntry::ClientConfigPolicy { .. } => Self::of_worker(CLIENT_CONFIG_POLICY, class),
            PluginEntry::RestExtension { .. } => Self::of_worker(REST_EXTENSIONS, class),
            PluginEntry::ConfigProvider { .. } => {
                let head = Self::listed("config.providers", "class", class, title);
                Self {
                    prefix: head.prefix + "param.",
                    ..head
                }
            }
        }
    }

    /// Plugins of a worker find their keys among those of the worker.
    fn of_worker(key: &str, class: &str) -> Self {
        Self {
            lines: owned(&[(key, class)]),
            prefix: String::new(),
            name: None,
        }
    }

    fn connector(class: &str, title: &str, more: &[(&str, &str)]) -> Self {
        let name = words(title).join("-");
        let lines = [
            ("name", name.as_str()),
            ("connector.class", class),
            ("tasks.max", "1"),
        ];
        Self {
            lines: owned(&[&lines, more].concat()),
            prefix: String::new(),
            name: Some(name),
        }
    }

    /// A plugin with an alias in a list.
    fn listed(list: &str, class_key: &str, class: &str, title: &str) -> Self {
        let alias = camel(title);
        let prefix = format!("{list}.{alias}.");
        Self {
            lines: owned(&[(list, &alias), (&format!("{prefix}{class_key}"), class)]),
            prefix,
            name: None,
        }
    }
}

fn owned(lines: &[(&str, &str)]) -> Vec<(String, String)> {
    let lines = lines.iter();
    lines
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn converter_key(roles: &[Role]) -> &'static str {
    match roles.contains(&Role::Value) {
        true => "value.converter",
        false => "header.converter",
    }
}
