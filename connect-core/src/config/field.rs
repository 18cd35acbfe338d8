//! One key of a configuration struct: how it is published, read and written.
//!
//! The derive makes one [`Field`] for each field. Only what makes it has bounds on the type of the
//! field, so that a wrong type is reported once.

mod sample;

use std::borrow::Cow;

use super::block::{Definer, Reader};
use super::choice::{has_choice, one_of};
use super::relations::ConditionSpec;
use super::rules::Rules;
use super::secret::HIDDEN;
use super::value::elements;
use super::{
    Choice, ConfigErrors, ConfigKey, ConfigType, ConfigValue, Constraint, DefaultValue, Importance,
    KeyAlias, KeyDetails, PassThrough, Props, Unit, ValueError, Width,
};

/// What is known of a key apart from its type.
#[derive(Clone, Copy, Debug)]
pub struct KeySpec {
    /// Name of the key.
    pub name: &'static str,
    /// What it means.
    pub documentation: &'static str,
    /// How much it matters.
    pub importance: Importance,
    /// What a bare number counts.
    pub unit: Unit,
    /// The group of keys that a form shows it in.
    pub group: Option<&'static str>,
    /// Its place in that group, if it is not that of the declaration.
    pub order: Option<i32>,
    /// How wide a form shows it.
    pub width: Width,
    /// What a form calls it, if not by its name.
    pub label: Option<&'static str>,
    /// Other names of the key.
    pub aliases: &'static [AliasSpec],
    /// A good value.
    pub example: Option<&'static str>,
    /// The version of the plugin that brought it.
    pub since: Option<&'static str>,
    /// Whether it is not meant for users.
    pub internal: bool,
    /// Whether values to choose from can be asked of the other side.
    pub recommended: bool,
    /// Keys whose values or visibility depend on it.
    pub dependents: &'static [&'static str],
    /// When it must be given, though it is optional.
    pub required_if: Option<ConditionSpec>,
    /// When it matters.
    pub visible_if: Option<ConditionSpec>,
    /// Keys that cannot be given beside it.
    pub conflicts_with: &'static [&'static str],
}

/// Another name of a key, as the derive knows it.
#[derive(Clone, Copy, Debug)]
pub struct AliasSpec {
    /// The name.
    pub name: &'static str,
    /// Since which version of the plugin it should not be used any more.
    pub deprecated_since: Option<&'static str>,
}

impl KeySpec {
    /// A key of medium importance about which nothing else is known.
    #[must_use]
    pub const fn new(name: &'static str, documentation: &'static str) -> Self {
        Self {
            name,
            documentation,
            importance: Importance::Medium,
            unit: Unit::None,
            group: None,
            order: None,
            width: Width::None,
            label: None,
            aliases: &[],
            example: None,
            since: None,
            internal: false,
            recommended: false,
            dependents: &[],
            required_if: None,
            visible_if: None,
            conflicts_with: &[],
        }
    }
}

/// A key and the functions of its type.
#[derive(Debug)]
pub struct Field<T> {
    spec: KeySpec,
    kind: fn(Unit) -> ConfigType,
    choices: &'static [Choice],
    valid_values: fn() -> Option<String>,
    absent: fn() -> Option<T>,
    null_mistake: fn() -> Option<ValueError>,
    lenient_mistake: fn(&str) -> Option<ValueError>,
    parse: fn(&str, Unit) -> Result<T, ValueError>,
    to_text: fn(&T, Unit) -> Option<String>,
    owns_below: bool,
    take_below: fn(&mut T, Props) -> Result<(), ConfigErrors>,
    below: fn(&T) -> Option<&Props>,
    default: DefaultSource<T>,
    rules: fn(Rules<T>) -> Rules<T>,
}

#[derive(Debug)]
enum DefaultSource<T> {
    None,
    Text(&'static str),
    Value(fn() -> T),
}

/// A key without default and rules.
///
/// A function and no method of [`Field`]: so the compiler points at the type that it is called for
/// when that is not good.
#[must_use]
pub const fn field<T: ConfigValue>(spec: KeySpec) -> Field<T> {
    Field {
        spec,
        kind: T::kind,
        choices: T::CHOICES,
        valid_values: T::valid_values,
        absent: T::absent,
        null_mistake: T::null_mistake,
        lenient_mistake: T::lenient_mistake,
        parse: T::parse_text,
        to_text: T::to_text,
        owns_below: T::OWNS_KEYS_BELOW,
        take_below: T::take_keys_below,
        below: T::keys_below,
        default: DefaultSource::None,
        rules: |rules| rules,
    }
}

impl<T: 'static> Field<T> {
    /// What counts when the key is absent.
    #[must_use]
    pub const fn default(mut self, default: fn() -> T) -> Self {
        self.default = DefaultSource::Value(default);
        self
    }

    /// What counts when the key is absent, as a user would write it.
    #[must_use]
    pub const fn default_text(mut self, text: &'static str) -> Self {
        self.default = DefaultSource::Text(text);
        self
    }

    /// Which values are good.
    #[must_use]
    pub const fn rules(mut self, rules: fn(Rules<T>) -> Rules<T>) -> Self {
        self.rules = rules;
        self
    }

    /// Whether a text is among the names to choose from, if there are such names.
    #[must_use]
    pub const fn may_be(&self, text: &str) -> bool {
        self.choices.is_empty() || has_choice(self.choices, text)
    }

    pub(super) fn name(&self) -> &'static str {
        self.spec.name
    }

    pub(super) fn unit(&self) -> Unit {
        self.spec.unit
    }

    /// Publishes the key.
    pub fn define(&self, definer: &mut Definer) {
        let details = self.details(definer);
        definer.add(self.key(definer), details, self.spec.order);
        if self.owns_below {
            definer.pass_through(PassThrough {
                prefix: format!("{}.", definer.full(self.spec.name)).into(),
                documentation: self.spec.documentation,
            });
        }
    }

    fn key(&self, definer: &Definer) -> ConfigKey {
        let Self { spec, .. } = self;
        let name = definer.full(spec.name);
        let dependents = spec.dependents.iter().map(|it| definer.full(it));
        ConfigKey {
            kind: self.kind(),
            default: self.published_default(),
            importance: spec.importance,
            documentation: spec.documentation.into(),
            group: spec.group.map(Into::into),
            order_in_group: -1,
            width: spec.width,
            display_name: spec.label.map_or_else(|| name.clone(), Into::into),
            dependents: dependents.collect(),
            valid_values: self.describe_values().map(Into::into),
            name,
        }
    }

    fn details(&self, definer: &Definer) -> KeyDetails {
        let Self { spec, .. } = self;
        let aliases = spec.aliases.iter().map(|it| KeyAlias {
            name: definer.full(it.name),
            deprecated_since: it.deprecated_since,
        });
        let conflicts = spec.conflicts_with.iter().map(|it| definer.full(it));
        KeyDetails {
            key: definer.full(spec.name),
            aliases: aliases.collect(),
            choices: self.choices,
            ignores_case: self.ignores_case(),
            constraints: self.constraints(),
            unit: spec.unit,
            example: spec.example,
            sample: self.sample(),
            since: spec.since,
            is_internal: spec.internal,
            is_recommended: spec.recommended,
            required_if: spec.required_if.map(|it| it.publish(definer)),
            visible_if: spec.visible_if.map(|it| it.publish(definer)),
            conflicts_with: conflicts.collect(),
            applies_if: Vec::new(),
        }
    }

    /// Reads the key; `None` when there is a mistake.
    pub fn read(&self, reader: &mut Reader<'_>) -> Option<T> {
        let (shown, value, errors) = match self.value(reader) {
            Ok(value) => {
                let errors = self.lenient_mistakes(reader);
                (self.shown(reader, &value), Some(value), errors)
            }
            Err(refused) => (refused.shown, None, refused.messages),
        };
        let name = reader.full(self.spec.name);
        reader.report(&name, shown, errors);
        match self.owns_below {
            true => self.read_below(reader, value?, &name),
            false => value,
        }
    }

    /// Gives a value the keys below its own.
    fn read_below(&self, reader: &mut Reader<'_>, mut value: T, name: &str) -> Option<T> {
        let keys = reader.props().with_prefix_stripped(&format!("{name}."));
        let Err(errors) = (self.take_below)(&mut value, keys) else {
            return Some(value);
        };
        for (key, message) in errors.iter() {
            let key = format!("{name}.{key}");
            reader.add_error(&key, format!("Invalid configuration {key}: {message}"));
        }
        None
    }

    /// Writes the key in the form that [`read`](Self::read) takes; null is left out.
    pub fn write(&self, value: &T, props: &mut Props) {
        if let Some(text) = (self.to_text)(value, self.spec.unit) {
            props.insert(self.spec.name, Some(text));
        }
        for (key, text) in (self.below)(value).into_iter().flat_map(Props::iter) {
            let key = format!("{}.{key}", self.spec.name);
            props.insert(key, text.map(str::to_owned));
        }
    }

    fn value(&self, reader: &Reader<'_>) -> Result<T, Refused> {
        let name = match self.given_name(reader) {
            Ok(Some(name)) => name,
            Ok(None) => return self.value_of_absent(reader),
            Err(message) => return Err(Refused::new(message)),
        };
        let Some(text) = reader.props().get(&name) else {
            return (self.absent)().ok_or_else(|| self.refuse_null(&name, reader));
        };
        let trimmed = trim(text);
        let value = (self.parse)(trimmed, self.spec.unit).map_err(|error| match self.kind() {
            // Any text is one of these, so it is a rule that it breaks.
            kind @ (ConfigType::String | ConfigType::List) => {
                let error = self.lenient_mistake(trimmed, reader).unwrap_or(error);
                Refused {
                    shown: Some(canonical(kind, trimmed)),
                    ..Refused::new(self.message(&error, &name, &self.in_message(trimmed)))
                }
            }
            _ => self.seen_as_null(Refused::new(self.message(&error, &name, text)), reader),
        })?;
        match (self.rules)(Rules::new(self.spec.unit)).check(&value) {
            Ok(()) => Ok(value),
            Err(error) => Err(Refused {
                shown: self.shown(reader, &value),
                ..Refused::new(self.message(&error, &name, &self.in_message(trimmed)))
            }),
        }
    }

    fn message(&self, error: &ValueError, name: &str, shown: &str) -> String {
        match self.kind() {
            ConfigType::Password => error.hiding_part().message(name, HIDDEN),
            _ => error.message(name, shown),
        }
    }

    fn value_of_absent(&self, reader: &Reader<'_>) -> Result<T, Refused> {
        let name = reader.full(self.spec.name);
        match self.default {
            DefaultSource::Value(default) => Ok(default()),
            DefaultSource::Text(text) => (self.parse)(text, self.spec.unit)
                .map_err(|error| Refused::new(error.message(&name, text))),
            DefaultSource::None => (self.absent)()
                .ok_or_else(|| self.seen_as_null(Refused::new(missing(&name)), reader)),
        }
    }

    /// Whoever checks a configuration goes on with null where there is no value, and hears what is
    /// wrong with that, too.
    fn seen_as_null(&self, mut refused: Refused, reader: &Reader<'_>) -> Refused {
        if reader.is_checking() {
            let name = reader.full(self.spec.name);
            refused.messages.extend(self.null_message(&name));
        }
        refused
    }

    /// Null where a value is needed. Whoever checks a configuration hears only what the type and the
    /// rules have against it: as in the reference such a configuration is taken, and who reads it fails.
    fn refuse_null(&self, name: &str, reader: &Reader<'_>) -> Refused {
        let message = match reader.is_checking() {
            true => self.null_message(name),
            false => Some(invalid(name, "null", "entry must be non null")),
        };
        Refused {
            shown: None,
            messages: message.into_iter().collect(),
        }
    }

    /// What is wrong with null; `None` if its type and rules have nothing against it.
    fn null_message(&self, name: &str) -> Option<String> {
        if let Some(error) = (self.null_mistake)() {
            return Some(error.message(name, "null"));
        }
        if !self.choices.is_empty() {
            let problem = one_of(self.choices, self.ignores_case());
            return Some(invalid(name, "null", &problem));
        }
        let problem = self.constraints().iter().find_map(Constraint::of_null)?;
        Some(invalid(name, "null", &problem))
    }

    fn lenient_mistakes(&self, reader: &Reader<'_>) -> Vec<String> {
        let name = self.given_name(reader).ok().flatten();
        let text = name.as_deref().and_then(|it| reader.props().get(it));
        let (Some(name), Some(text)) = (name, text) else {
            return Vec::new();
        };
        let mistake = self.lenient_mistake(trim(text), reader).into_iter();
        mistake.map(|it| it.message(&name, trim(text))).collect()
    }

    /// What only somebody who checks a configuration is told of a text.
    fn lenient_mistake(&self, text: &str, reader: &Reader<'_>) -> Option<ValueError> {
        match reader.is_checking() {
            true => (self.lenient_mistake)(text),
            false => None,
        }
    }

    /// The one of its names under which the key is given.
    fn given_name(&self, reader: &Reader<'_>) -> Result<Option<Cow<'static, str>>, String> {
        let aliases = self.spec.aliases.iter().map(|it| it.name);
        let names = std::iter::once(self.spec.name).chain(aliases);
        let mut given = names
            .map(|it| reader.full(it))
            .filter(|it| reader.props().contains_key(it));
        match (given.next(), given.next()) {
            (Some(first), Some(second)) => Err(format!(
                "Configurations {first} and {second} are names of one key; only one may be given"
            )),
            (first, _) => Ok(first),
        }
    }

    fn kind(&self) -> ConfigType {
        (self.kind)(self.spec.unit)
    }

    fn published_default(&self) -> DefaultValue {
        let value = match self.default {
            DefaultSource::None => (self.absent)(),
            DefaultSource::Value(default) => Some(default()),
            DefaultSource::Text(text) => (self.parse)(text, self.spec.unit).ok(),
        };
        let text = value.map(|it| (self.to_text)(&it, self.spec.unit));
        match (text, &self.default) {
            (Some(None), _) => DefaultValue::Null,
            (Some(Some(_)), _) if self.kind() == ConfigType::Password => {
                DefaultValue::Text(HIDDEN.into())
            }
            (Some(Some(text)), _) => DefaultValue::Text(text.into()),
            // Whoever relies on a default that cannot be read is told so.
            (None, DefaultSource::Text(text)) => DefaultValue::Text((*text).into()),
            (None, DefaultSource::None | DefaultSource::Value(_)) => DefaultValue::Required,
        }
    }

    fn constraints(&self) -> Vec<Constraint> {
        (self.rules)(Rules::new(self.spec.unit)).constraints()
    }

    /// Whether the names to choose from are read in any case.
    fn ignores_case(&self) -> bool {
        let is_read = |text: &str| (self.parse)(text, self.spec.unit).is_ok();
        let mut names = self.choices.iter().map(|it| it.name);
        !self.choices.is_empty()
            && names
                .all(|it| is_read(&it.to_ascii_lowercase()) && is_read(&it.to_ascii_uppercase()))
    }

    fn describe_values(&self) -> Option<String> {
        let rules = self.constraints().into_iter().map(|it| it.to_string());
        let all: Vec<_> = (self.valid_values)().into_iter().chain(rules).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// The value as clients are shown it. Texts and lists are shown as they were written.
    fn shown(&self, reader: &Reader<'_>, value: &T) -> Option<String> {
        let text = (self.to_text)(value, self.spec.unit)?;
        match self.kind() {
            ConfigType::Password => Some(HIDDEN.to_owned()),
            kind @ (ConfigType::String | ConfigType::List) => {
                let name = self.given_name(reader).ok().flatten();
                let written = name.and_then(|it| reader.props().get(&it).map(trim));
                Some(written.map_or(text, |it| canonical(kind, it)))
            }
            _ => Some(text),
        }
    }

    /// A good text of a bad value, as messages show it.
    fn in_message(&self, text: &str) -> String {
        match self.kind() {
            ConfigType::List => format!("[{}]", elements(text).collect::<Vec<_>>().join(", ")),
            _ => text.to_owned(),
        }
    }
}

/// A key without a good value.
struct Refused {
    /// What it has as far as its type goes.
    shown: Option<String>,
    messages: Vec<String>,
}

impl Refused {
    fn new(message: String) -> Self {
        Self {
            shown: None,
            messages: vec![message],
        }
    }
}

/// A text as clients are shown it.
fn canonical(kind: ConfigType, text: &str) -> String {
    match kind {
        ConfigType::List => elements(text).collect::<Vec<_>>().join(","),
        _ => text.to_owned(),
    }
}

/// Java trims blanks and all control characters before them in the code table.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|it| it <= ' ')
}

pub(super) fn missing(key: &str) -> String {
    format!("Missing required configuration \"{key}\" which has no default value.")
}

pub(super) fn invalid(key: &str, value: &str, problem: &str) -> String {
    format!("Invalid value {value} for configuration {key}: {problem}")
}
