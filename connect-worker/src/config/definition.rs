//! Definitions that are put together at run time: the worker's keys, the keys that the worker adds
//! to every connector, and the keys of the aliases that a connector names.
//!
//! Plugins declare their keys with a derive instead. A definition reads a configuration in two
//! ways: [`Definition::parse`] for use, [`Definition::validate`] for clients that show a form.

mod check;
mod java_class;
mod parsed;

use std::borrow::Cow;

use connect_core::config::{
    ConfigErrors, ConfigKey, ConfigType, ConfigValueInfo, DefaultValue, Importance, Props, Width,
};
use connect_core::registry::PluginRegistry;
use indexmap::IndexMap;

pub use check::{Check, Interface};
pub use java_class::JavaClass;
pub use parsed::{Parsed, invalid, is_class, missing, parse_text};

/// A key: what clients are shown of it, and how its values are checked.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What clients are shown of the key.
    pub key: ConfigKey,
    /// Which values are good.
    pub check: Check,
    /// Values to choose from.
    pub recommended: Vec<String>,
    /// Whether the key matters in the configuration at hand.
    pub visible: bool,
}

impl Setting {
    /// A required key of low importance, in no group, that takes every value of its type.
    #[must_use]
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        kind: ConfigType,
        documentation: &'static str,
    ) -> Self {
        let name = name.into();
        let key = ConfigKey {
            name: name.clone(),
            kind,
            default: DefaultValue::Required,
            importance: Importance::Low,
            documentation: documentation.into(),
            group: None,
            order_in_group: -1,
            width: Width::None,
            display_name: name,
            dependents: Vec::new(),
            valid_values: None,
        };
        Self {
            key,
            check: Check::Anything,
            recommended: Vec::new(),
            visible: true,
        }
    }

    /// Sets the importance.
    #[must_use]
    pub fn importance(mut self, importance: Importance) -> Self {
        self.key.importance = importance;
        self
    }

    /// What counts when the key is absent, as a user would write it.
    #[must_use]
    pub fn default(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.key.default = DefaultValue::Text(text.into());
        self
    }

    /// Lets the key be absent.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.key.default = DefaultValue::Null;
        self
    }

    /// Restricts the values.
    #[must_use]
    pub fn check(mut self, check: Check) -> Self {
        let text = check.to_string();
        self.key.valid_values = (!text.is_empty()).then(|| text.into());
        self.check = check;
        self
    }

    /// Where and how a form shows the key.
    #[must_use]
    pub fn shown(
        mut self,
        group: impl Into<Cow<'static, str>>,
        order: i32,
        width: Width,
        display_name: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.key.group = Some(group.into());
        self.key.order_in_group = order;
        self.key.width = width;
        self.key.display_name = display_name.into();
        self
    }

    /// Values to choose from.
    #[must_use]
    pub fn recommended(mut self, values: Vec<String>) -> Self {
        self.recommended = values;
        self
    }

    /// The value that a configuration gives to the key, or its default.
    fn read(&self, props: &Props, classes: &PluginRegistry) -> Result<Parsed, String> {
        let name = &self.key.name;
        if props.contains_key(name) {
            return match props.get(name) {
                None => Ok(Parsed::Null),
                Some(text) => parsed::parse(self.key.kind, text, classes)
                    .map_err(|problem| invalid(name, text, problem)),
            };
        }
        match &self.key.default {
            DefaultValue::Required => Err(missing(name)),
            DefaultValue::Null => Ok(Parsed::Null),
            DefaultValue::Text(text) => parsed::parse(self.key.kind, text, classes)
                .map_err(|problem| invalid(name, text, problem)),
        }
    }

    fn read_strictly(&self, props: &Props, classes: &PluginRegistry) -> Result<Parsed, String> {
        let mut value = self.read(props, classes)?;
        let is_of_values = matches!(self.check, Check::ValueList { .. } | Check::ListOf { .. });
        if let (true, Parsed::List(elements)) = (is_of_values, &mut value) {
            drop_repetitions(&self.key.name, elements);
        }
        self.check.run(&self.key.name, &value)?;
        Ok(value)
    }

    fn validate(&self, props: &Props, classes: &PluginRegistry) -> ConfigValueInfo {
        let mut errors = Vec::new();
        let value = self.read(props, classes).unwrap_or_else(|error| {
            errors.push(error);
            Parsed::Null
        });
        if let Err(error) = self.check.run(&self.key.name, &value) {
            errors.push(error);
        }
        ConfigValueInfo {
            name: self.key.name.clone().into_owned(),
            value: value.rendered(),
            recommended_values: self.recommended.clone(),
            errors,
            visible: self.visible,
        }
    }
}

/// Keys in the order in which they were defined.
#[derive(Clone, Debug, Default)]
pub struct Definition {
    settings: IndexMap<String, Setting>,
}

impl Definition {
    /// All keys, in order.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.settings.values()
    }

    /// A key.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.get(name)
    }

    /// A key, to be completed by what is known of the configuration at hand.
    ///
    /// # Panics
    /// When the key is not defined.
    pub fn setting_mut(&mut self, name: &str) -> &mut Setting {
        self.settings.get_mut(name).expect("the key is defined")
    }

    /// Adds a key; one of the same name is replaced in its place.
    pub fn add(&mut self, setting: Setting) {
        self.settings
            .insert(setting.key.name.clone().into_owned(), setting);
    }

    /// Reads a configuration for use. Keys that are not defined are left alone.
    ///
    /// # Errors
    /// The first mistake of every key.
    pub fn parse(&self, props: &Props, classes: &PluginRegistry) -> Result<Values, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let mut values = IndexMap::new();
        for (name, setting) in &self.settings {
            match setting.read_strictly(props, classes) {
                Ok(value) => drop(values.insert(name.clone(), value)),
                Err(error) => errors.push(name.as_str(), error),
            }
        }
        match errors.is_empty() {
            true => Ok(Values(values)),
            false => Err(errors),
        }
    }

    /// Checks a configuration key by key; checks see null where a value could not be read.
    #[must_use]
    pub fn validate(&self, props: &Props, classes: &PluginRegistry) -> Vec<ConfigValueInfo> {
        self.settings()
            .map(|setting| setting.validate(props, classes))
            .collect()
    }
}

impl FromIterator<Setting> for Definition {
    fn from_iter<I: IntoIterator<Item = Setting>>(settings: I) -> Self {
        let mut definition = Self::default();
        settings
            .into_iter()
            .for_each(|setting| definition.add(setting));
        definition
    }
}

/// The values of a configuration that holds no mistake.
///
/// The accessors panic for keys that are not defined or are of another type: a mistake of the
/// caller, never of the user.
#[derive(Clone, Debug)]
pub struct Values(IndexMap<String, Parsed>);

impl Values {
    /// All keys and values as they may be shown: secrets are hidden, null is left out.
    pub fn rendered(&self) -> impl Iterator<Item = (&str, String)> {
        let entries = self.0.iter();
        entries.filter_map(|(key, value)| Some((key.as_str(), value.rendered()?)))
    }

    fn value(&self, key: &str) -> &Parsed {
        self.0.get(key).expect("the key is defined")
    }

    /// A switch.
    ///
    /// # Panics
    /// When the key is not a boolean.
    #[must_use]
    pub fn switch(&self, key: &str) -> bool {
        match self.value(key) {
            Parsed::Boolean(value) => *value,
            // A switch that was given as null is not on.
            Parsed::Null => false,
            _ => mismatch(key),
        }
    }

    /// A number; `None` for null.
    ///
    /// # Panics
    /// When the key is not a whole number.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<i64> {
        match self.value(key) {
            Parsed::Integer(value) => Some(*value),
            Parsed::Null => None,
            _ => mismatch(key),
        }
    }

    /// Text or the name of a class; `None` for null.
    ///
    /// # Panics
    /// When the key is neither.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.value(key) {
            Parsed::Text(value) => Some(value),
            Parsed::Class(plugin) => Some(plugin.info.name),
            Parsed::Null => None,
            _ => mismatch(key),
        }
    }

    /// A list; `None` for null.
    ///
    /// # Panics
    /// When the key is not a list.
    #[must_use]
    pub fn list(&self, key: &str) -> Option<&[String]> {
        match self.value(key) {
            Parsed::List(elements) => Some(elements),
            Parsed::Null => None,
            _ => mismatch(key),
        }
    }
}

/// A list of values that was stored once is used even though new ones like it are refused.
fn drop_repetitions(key: &str, elements: &mut Vec<String>) {
    let mut seen = Vec::with_capacity(elements.len());
    elements.retain(|element| {
        let is_repeated = seen.contains(element);
        if is_repeated {
            tracing::warn!(key, element, "a repeated element of a list is dropped");
        }
        seen.push(element.clone());
        !is_repeated
    });
}

#[expect(
    clippy::panic,
    reason = "a definition and its reader are written side by side"
)]
fn mismatch(key: &str) -> ! {
    panic!("key {key} is defined with another type than its reader expects")
}
