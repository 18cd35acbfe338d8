//! The keys of the plugin behind an alias, as keys of the connector.

use std::borrow::Cow;

use connect_core::config::{
    ConfigErrors, ConfigKey, ConfigType, ConfigValueInfo, DefaultValue, Importance, Props,
};
use connect_core::plugin::PluginDescriptor;

use super::{Alias, AliasKind, NEGATE, PREDICATE};
use crate::config::definition::{Setting, invalid, missing, parse_text};

/// Place of the first of these keys in its group, behind class and version.
const FIRST_ORDER: i32 = 2;

impl Alias {
    /// What the plugin is told: the keys below the alias, without those that it never sees.
    #[must_use]
    pub fn plugin_config(&self, props: &Props) -> Props {
        let mut config = props.with_prefix_stripped(&self.key(""));
        for implicit in self.kind.implicit_keys() {
            config.remove(implicit);
        }
        config
    }

    /// The keys of the plugin and, for transformations, of the predicate, in the order in which
    /// they are listed. Only those of the worker have a check.
    pub(super) fn embedded_settings(&self, plugin: &PluginDescriptor) -> Vec<Setting> {
        let implicit = self.implicit_settings();
        let own = (plugin.config.definition)().keys();
        for key in own.iter().filter(|it| self.is_implicit(&it.name)) {
            tracing::warn!(
                plugin = plugin.info.name,
                key = %key.name,
                "a key of the plugin cannot be set, the worker takes it for itself"
            );
        }
        let own = own.iter().filter(|it| !self.is_implicit(&it.name));
        let own = own.map(|key| Setting {
            key: key.clone(),
            ..Setting::new(key.name.clone(), key.kind, "")
        });
        let mut settings: Vec<_> = implicit.into_iter().chain(own).collect();

        let mut groups: Vec<Cow<'static, str>> = Vec::new();
        for group in settings.iter().filter_map(|it| it.key.group.as_ref()) {
            if !groups.contains(group) {
                groups.push(group.clone());
            }
        }
        let place = |group: &Option<Cow<'static, str>>| {
            let group = group.as_ref()?;
            groups.iter().position(|it| it == group)
        };
        settings.sort_by(|left, right| {
            let rank = |key: &ConfigKey| {
                let is_optional = key.default != DefaultValue::Required;
                (
                    place(&key.group),
                    key.order_in_group,
                    is_optional,
                    key.importance as u8,
                )
            };
            rank(&left.key)
                .cmp(&rank(&right.key))
                .then_with(|| left.key.name.cmp(&right.key.name))
        });
        for (order, setting) in (FIRST_ORDER..).zip(&mut settings) {
            self.embed(&mut setting.key, order);
        }
        settings
    }

    /// The keys that the worker adds to those of the plugin.
    pub(super) fn implicit_settings(&self) -> Vec<Setting> {
        let names = self.kind.implicit_keys().iter();
        names
            .map(|name| match *name {
                NEGATE => Setting::new(
                    NEGATE,
                    ConfigType::Boolean,
                    "Whether the transformation applies where the predicate does not hold.",
                )
                .default("false")
                .importance(Importance::Medium),
                _ => Setting::new(
                    PREDICATE,
                    ConfigType::String,
                    "Alias of the predicate that says to which records the transformation applies.",
                )
                .optional()
                .importance(Importance::Medium),
            })
            .collect()
    }

    fn is_implicit(&self, name: &str) -> bool {
        self.kind.implicit_keys().contains(&name)
    }

    /// Makes a key one of the connector. What a form calls it stays.
    pub(super) fn embed(&self, key: &mut ConfigKey, order: i32) {
        let group = self.kind.group(&self.name);
        key.group = Some(match &key.group {
            Some(own) => format!("{group}: {own}").into(),
            None => group.into(),
        });
        key.order_in_group = order;
        key.name = self.key(&key.name).into();
        for dependent in &mut key.dependents {
            *dependent = self.key(dependent).into();
        }
    }

    /// What the plugin says of its keys, as of keys of the connector. Values that are absent or
    /// cannot be read are reported under the full name, all other mistakes in the plugin's words.
    #[must_use]
    pub fn embed_values(
        &self,
        plugin: &PluginDescriptor,
        config: &Props,
        values: Vec<ConfigValueInfo>,
    ) -> Vec<ConfigValueInfo> {
        let definition = (plugin.config.definition)();
        let values = values.into_iter().filter(|it| !self.is_implicit(&it.name));
        let embed = |value: ConfigValueInfo| {
            let kind = definition.key(&value.name).map(|it| it.kind);
            let renamed = self.renamed_errors(kind, &value.name, config);
            let errors = value.errors.into_iter().map(|error| {
                let renamed = renamed.iter().find(|(own, _)| *own == error);
                renamed.map_or(error, |(_, full)| full.clone())
            });
            ConfigValueInfo {
                errors: errors.collect(),
                name: self.key(&value.name),
                ..value
            }
        };
        values.map(embed).collect()
    }

    /// Mistakes of a configuration that is to be used, as those of keys of the connector.
    #[must_use]
    pub fn embed_errors(
        &self,
        plugin: &PluginDescriptor,
        config: &Props,
        errors: &ConfigErrors,
    ) -> Vec<(String, String)> {
        let definition = (plugin.config.definition)();
        let embed = |(name, error): (&str, &str)| {
            let kind = definition.key(name).map(|it| it.kind);
            let renamed = self.renamed_errors(kind, name, config);
            let renamed = renamed.into_iter().find(|(own, _)| *own == error);
            let error = renamed.map_or_else(|| error.to_owned(), |(_, full)| full);
            (self.key(name), error)
        };
        errors.iter().map(embed).collect()
    }

    /// Messages about a key that name it in full, each behind what the plugin says instead.
    fn renamed_errors(
        &self,
        kind: Option<ConfigType>,
        name: &str,
        config: &Props,
    ) -> Vec<(String, String)> {
        let full = self.key(name);
        let mut renamed = vec![(missing(name), missing(&full))];
        if let (Some(kind), Some(text)) = (kind, config.get(name))
            && let Err(problem) = parse_text(kind, text)
        {
            renamed.push((
                invalid(name, text, &problem),
                invalid(&full, text, &problem),
            ));
        }
        renamed
    }
}

impl AliasKind {
    /// Keys below an alias that are the worker's and not the plugin's.
    fn implicit_keys(self) -> &'static [&'static str] {
        match self {
            Self::Transform => &[PREDICATE, NEGATE],
            Self::Predicate => &[],
        }
    }
}
