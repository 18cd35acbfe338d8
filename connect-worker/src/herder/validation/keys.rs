//! What is found out about keys, from the definitions to the answer.

use connect_core::config::{ConfigKey, ConfigValueInfo};
use indexmap::{IndexMap, IndexSet};

use super::{ConfigInfo, ConfigInfos};
use crate::config::definition::Definition;

/// Definitions and values of the keys of the framework and of the connector.
pub(super) struct Keys {
    definitions: IndexMap<String, ConfigKey>,
    values: IndexMap<String, ConfigValueInfo>,
}

/// Keys of clients or converters, which stand behind all others.
#[derive(Debug, Default)]
pub(super) struct Embedded {
    groups: IndexSet<String>,
    configs: Vec<ConfigInfo>,
}

impl Embedded {
    fn faulty_keys(&self) -> usize {
        let values = self.configs.iter().filter_map(|it| it.value.as_ref());
        values.filter(|it| !it.errors.is_empty()).count()
    }

    /// Adds a key; it is shown with the prefix, its group and label are not.
    pub(super) fn add(
        &mut self,
        prefix: &str,
        definition: Option<ConfigKey>,
        value: ConfigValueInfo,
    ) {
        let definition = definition.map(|mut key| {
            self.groups
                .extend(key.group.iter().map(|it| it.clone().into_owned()));
            key.name = format!("{prefix}{}", key.name).into();
            key
        });
        let value = ConfigValueInfo {
            name: format!("{prefix}{}", value.name),
            ..value
        };
        self.configs.push(ConfigInfo {
            definition,
            value: Some(value),
        });
    }
}

impl Keys {
    pub(super) fn of(definition: &Definition, values: Vec<ConfigValueInfo>) -> Self {
        let key = |key: &ConfigKey| (key.name.clone().into_owned(), key.clone());
        Self {
            definitions: definition
                .settings()
                .map(|setting| key(&setting.key))
                .collect(),
            values: values.into_iter().map(|it| (it.name.clone(), it)).collect(),
        }
    }

    pub(super) fn has_error(&self, key: &str) -> bool {
        self.values.get(key).is_some_and(|it| !it.errors.is_empty())
    }

    pub(super) fn add_error(&mut self, key: &str, message: String) {
        let value = self
            .values
            .entry(key.to_owned())
            .or_insert_with(|| ConfigValueInfo {
                name: key.to_owned(),
                value: None,
                recommended_values: Vec::new(),
                errors: Vec::new(),
                visible: true,
            });
        value.errors.push(message);
    }

    pub(super) fn forget_errors(&mut self, key: &str) {
        if let Some(value) = self.values.get_mut(key) {
            value.errors.clear();
        }
    }

    /// Adds a mistake unless the plugin has found it.
    pub(super) fn add_missing_error(&mut self, key: &str, message: &str) {
        let known = self.values.get(key);
        if !known.is_some_and(|it| it.errors.iter().any(|error| error == message)) {
            self.add_error(key, message.to_owned());
        }
    }

    /// Every mistake: key and message.
    pub(super) fn into_mistakes(self) -> Vec<(String, String)> {
        let values = self.values.into_iter();
        values
            .flat_map(|(key, value)| value.errors.into_iter().map(move |it| (key.clone(), it)))
            .collect()
    }

    /// What a connector says of a key replaces what was found before; the key keeps its place.
    pub(super) fn merge_connector(
        &mut self,
        definitions: &[ConfigKey],
        values: Vec<ConfigValueInfo>,
    ) {
        for key in definitions {
            self.definitions
                .insert(key.name.clone().into_owned(), key.clone());
        }
        self.merge_values(values);
    }

    /// What a plugin says of its keys replaces what was found before.
    pub(super) fn merge_values(&mut self, values: Vec<ConfigValueInfo>) {
        for value in values {
            self.values.insert(value.name.clone(), value);
        }
    }

    pub(super) fn finish(self, class: &str, embedded: [Embedded; 2]) -> ConfigInfos {
        let Self {
            definitions,
            mut values,
        } = self;
        let messages: usize = values.values().map(|it| it.errors.len()).sum();
        let faulty: usize = embedded.iter().map(Embedded::faulty_keys).sum();
        let own_groups = definitions.values().filter_map(|it| it.group.as_deref());
        let mut groups: IndexSet<String> = own_groups.map(str::to_owned).collect();

        let undefined = values.extract_if(.., |key, _| !definitions.contains_key(key));
        let mut configs: Vec<_> = undefined
            .map(|(_, value)| ConfigInfo {
                definition: None,
                value: Some(value),
            })
            .collect();
        configs.extend(definitions.into_iter().map(|(name, key)| ConfigInfo {
            definition: Some(key),
            value: values.swap_remove(&name),
        }));
        for part in embedded {
            groups.extend(part.groups);
            configs.extend(part.configs);
        }
        ConfigInfos {
            name: class.to_owned(),
            error_count: messages + faulty,
            groups: groups.into_iter().collect(),
            configs,
        }
    }
}
