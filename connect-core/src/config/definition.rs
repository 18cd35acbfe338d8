//! The published side of a configuration: keys and what clients are told of them.

use std::borrow::Cow;

use super::{Choice, Constraint, Props, Unit};

/// The keys of a configuration, in order.
#[derive(Debug, Default)]
pub struct ConfigDef {
    pub(super) documentation: &'static str,
    pub(super) groups: Vec<ConfigGroup>,
    pub(super) pass_through: Vec<PassThrough>,
    pub(super) keys: Vec<ConfigKey>,
    pub(super) details: Vec<KeyDetails>,
}

impl ConfigDef {
    /// A definition of these keys, without anything that clients of the reference do not see.
    #[must_use]
    pub const fn new(keys: Vec<ConfigKey>) -> Self {
        Self {
            documentation: "",
            groups: Vec::new(),
            pass_through: Vec::new(),
            keys,
            details: Vec::new(),
        }
    }

    /// The same with what else is known of the keys.
    #[must_use]
    pub fn with_details(mut self, details: Vec<KeyDetails>) -> Self {
        self.details = details;
        self
    }

    /// What is configured; the first line is a title. Empty when nothing is known.
    #[must_use]
    pub fn documentation(&self) -> &'static str {
        self.documentation
    }

    /// The groups that have labels, in the order in which a page shows them.
    #[must_use]
    pub fn groups(&self) -> &[ConfigGroup] {
        &self.groups
    }

    /// Prefixes below which every key is taken.
    #[must_use]
    pub fn pass_through(&self) -> &[PassThrough] {
        &self.pass_through
    }

    /// The keys, in order.
    #[must_use]
    pub fn keys(&self) -> &[ConfigKey] {
        &self.keys
    }

    /// The key of that name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&ConfigKey> {
        self.keys.iter().find(|it| it.name == name)
    }

    /// What else is known of a key; `None` for keys that were not declared with the derive.
    #[must_use]
    pub fn details(&self, name: &str) -> Option<&KeyDetails> {
        self.details.iter().find(|it| it.key == name)
    }

    /// Names in a configuration that should not be used any more, each with the key that it means.
    pub fn deprecated_names<'a>(
        &'a self,
        props: &'a Props,
    ) -> impl Iterator<Item = (&'a KeyAlias, &'a str)> {
        self.details.iter().flat_map(|details| {
            let aliases = details.aliases.iter();
            aliases
                .filter(|it| it.deprecated_since.is_some() && props.contains_key(&it.name))
                .map(|it| (it, details.key.as_ref()))
        })
    }
}

/// A group of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigGroup {
    /// The name by which keys refer to it.
    pub id: &'static str,
    /// What a form calls it.
    pub label: &'static str,
}

/// A prefix below which every key is taken and passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassThrough {
    /// What stands before the keys.
    pub prefix: Cow<'static, str>,
    /// Where they go.
    pub documentation: &'static str,
}

/// What documentation, completion and linters want to know of a key, beyond what clients of the
/// reference are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDetails {
    /// Name of the key.
    pub key: Cow<'static, str>,
    /// Its other names.
    pub aliases: Vec<KeyAlias>,
    /// The names to choose from; empty when there is no such list.
    pub choices: &'static [Choice],
    /// Whether these names are read in any case.
    pub ignores_case: bool,
    /// Which values are good.
    pub constraints: Vec<Constraint>,
    /// What a bare number counts.
    pub unit: Unit,
    /// A good value.
    pub example: Option<&'static str>,
    /// A value for samples, also when there is no example; none for secrets.
    pub sample: Option<String>,
    /// The version of the plugin that brought the key.
    pub since: Option<&'static str>,
    /// Whether the key is not meant for users.
    pub is_internal: bool,
    /// Whether values to choose from can be asked of the other side.
    pub is_recommended: bool,
    /// When the key must be given, though it is optional.
    pub required_if: Option<KeyCondition>,
    /// When the key matters; always without a condition.
    pub visible_if: Option<KeyCondition>,
    /// Keys that cannot be given beside it.
    pub conflicts_with: Vec<Cow<'static, str>>,
    /// When the key is read at all: every one of these must hold. A key of a variant is only shown,
    /// and only required, while the variant is chosen; otherwise it is ignored. Empty for keys that
    /// belong to no variant.
    pub applies_if: Vec<VariantCondition>,
}

impl KeyDetails {
    /// A key of which nothing else is known.
    #[must_use]
    pub fn new(key: impl Into<Cow<'static, str>>) -> Self {
        Self {
            key: key.into(),
            aliases: Vec::new(),
            choices: &[],
            ignores_case: false,
            constraints: Vec::new(),
            unit: Unit::None,
            example: None,
            sample: None,
            since: None,
            is_internal: false,
            is_recommended: false,
            required_if: None,
            visible_if: None,
            conflicts_with: Vec::new(),
            applies_if: Vec::new(),
        }
    }
}

/// What must be chosen for a key of a variant to count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantCondition {
    /// The key that chooses the variant.
    pub key: Cow<'static, str>,
    /// The variants that have the key.
    pub values: Vec<&'static str>,
}

/// A condition on the value of another key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyCondition {
    /// Name of the other key.
    pub key: Cow<'static, str>,
    /// The value that it must have, as users write it.
    pub value: Cow<'static, str>,
}

/// Another name of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAlias {
    /// The name.
    pub name: Cow<'static, str>,
    /// Since which version of the plugin it should not be used any more.
    pub deprecated_since: Option<&'static str>,
}

/// One key: what clients are shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigKey {
    /// Name of the key.
    pub name: Cow<'static, str>,
    /// How its text is read.
    pub kind: ConfigType,
    /// What counts when the key is absent.
    pub default: DefaultValue,
    /// How much it matters.
    pub importance: Importance,
    /// What it means.
    pub documentation: Cow<'static, str>,
    /// The group of keys that a form shows it in.
    pub group: Option<Cow<'static, str>>,
    /// Its place in that group, from 0; -1 without a group.
    pub order_in_group: i32,
    /// How wide a form shows it.
    pub width: Width,
    /// What a form calls it.
    pub display_name: Cow<'static, str>,
    /// Keys whose values or visibility depend on it.
    pub dependents: Vec<Cow<'static, str>>,
    /// Which values are good, in the words of the documentation.
    pub valid_values: Option<Cow<'static, str>>,
}

/// How the text of a key is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConfigType {
    /// True or false.
    Boolean,
    /// Text.
    String,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 16 bits.
    Short,
    /// A whole number of 64 bits.
    Long,
    /// A floating-point number.
    Double,
    /// Elements between commas.
    List,
    /// The name of a plugin.
    Class,
    /// Text that is never shown.
    Password,
}

impl ConfigType {
    /// The type as it is published.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::String => "STRING",
            Self::Int => "INT",
            Self::Short => "SHORT",
            Self::Long => "LONG",
            Self::Double => "DOUBLE",
            Self::List => "LIST",
            Self::Class => "CLASS",
            Self::Password => "PASSWORD",
        }
    }
}

/// What counts when a key is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// The key must be given.
    Required,
    /// No value.
    Null,
    /// This text, as a user would write it.
    Text(Cow<'static, str>),
}

/// How much a key matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Importance {
    /// Nearly everybody sets it.
    High,
    /// Many look at it.
    Medium,
    /// For special cases.
    Low,
}

impl Importance {
    /// The importance as it is published.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "HIGH",
            Self::Medium => "MEDIUM",
            Self::Low => "LOW",
        }
    }
}

/// How wide a form shows a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Width {
    /// Left open.
    None,
    /// For a number.
    Short,
    /// For a name.
    Medium,
    /// For a sentence.
    Long,
}

impl Width {
    /// The width as it is published.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Short => "SHORT",
            Self::Medium => "MEDIUM",
            Self::Long => "LONG",
        }
    }
}

/// The value of a key in a configuration, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigValueInfo {
    /// Name of the key.
    pub name: String,
    /// The value as clients are shown it, defaults filled in; `None` for null and for a value
    /// that cannot be read. Secrets are hidden.
    pub value: Option<String>,
    /// Values to choose from.
    pub recommended_values: Vec<String>,
    /// The mistakes.
    pub errors: Vec<String>,
    /// Whether the key matters in the configuration at hand.
    pub visible: bool,
}
