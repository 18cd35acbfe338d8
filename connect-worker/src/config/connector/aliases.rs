//! Keys of the transformations and predicates that a connector names by alias.

mod plugin_keys;

use std::fmt;

use connect_core::config::{ConfigType, DefaultValue, Importance, Props, Width};
use connect_core::plugin::PluginDescriptor;
use connect_core::registry::PluginRegistry;

use super::{PREDICATES, TRANSFORMS};
use crate::config::definition::{
    Check, Definition, Interface, Parsed, Setting, invalid, is_class, parse_text,
};
use crate::config::version_range::VersionRequirement;

/// Key of the predicate, below a transformation's alias.
const PREDICATE: &str = "predicate";
/// Key that turns the predicate around, below a transformation's alias.
const NEGATE: &str = "negate";

/// What an alias stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AliasKind {
    /// A transformation.
    Transform,
    /// A predicate.
    Predicate,
}

impl AliasKind {
    /// Both kinds, in the order in which their keys are listed.
    pub const ALL: [Self; 2] = [Self::Transform, Self::Predicate];

    /// The key with the list of aliases; the keys of an alias begin with it.
    #[must_use]
    pub fn list_key(self) -> &'static str {
        match self {
            Self::Transform => TRANSFORMS,
            Self::Predicate => PREDICATES,
        }
    }

    fn interface(self) -> Interface {
        match self {
            Self::Transform => Interface::Transformation,
            Self::Predicate => Interface::Predicate,
        }
    }

    fn group(self, alias: &str) -> String {
        match self {
            Self::Transform => format!("Transforms: {alias}"),
            Self::Predicate => format!("Predicates: {alias}"),
        }
    }
}

/// An alias that a connector names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    kind: AliasKind,
    name: String,
}

impl Alias {
    /// The aliases of a configuration, each once, transformations first.
    #[must_use]
    pub fn all(props: &Props) -> Vec<Self> {
        let kinds = AliasKind::ALL.into_iter();
        kinds.flat_map(|kind| Self::of_kind(kind, props)).collect()
    }

    /// The aliases of one kind, each once.
    #[must_use]
    pub fn of_kind(kind: AliasKind, props: &Props) -> Vec<Self> {
        let list = props.get(kind.list_key()).unwrap_or_default();
        let Ok(Parsed::List(names)) = parse_text(ConfigType::List, list) else {
            return Vec::new();
        };
        let mut aliases = Vec::new();
        for name in names {
            let alias = Self { kind, name };
            if !aliases.contains(&alias) {
                aliases.push(alias);
            }
        }
        aliases
    }

    /// The predicate of a transformation, and whether it is turned around.
    #[must_use]
    pub fn condition(&self, props: &Props) -> Option<(Self, bool)> {
        let predicate = Self {
            kind: AliasKind::Predicate,
            name: props.get(&self.key(PREDICATE))?.trim().to_owned(),
        };
        let negate = props.get(&self.key(NEGATE)).unwrap_or_default();
        Some((predicate, negate.trim().eq_ignore_ascii_case("true")))
    }

    fn key(&self, name: &str) -> String {
        format!("{self}.{name}")
    }

    /// The key with the class.
    #[must_use]
    pub fn type_key(&self) -> String {
        self.key("type")
    }

    /// The key with the version of the class.
    #[must_use]
    pub fn version_key(&self) -> String {
        self.key("plugin.version")
    }

    /// The plugin that the configuration names, if there is one and it is of the right kind.
    fn plugin<'a>(
        &self,
        props: &Props,
        plugins: &'a PluginRegistry,
    ) -> Option<&'a PluginDescriptor> {
        let class = props.get(&self.type_key())?;
        let plugin = plugins.find(class.trim()).ok()?;
        self.kind.interface().accepts(plugin).then_some(plugin)
    }

    /// The plugin that the configuration names, if it is of the right kind and version.
    #[must_use]
    pub fn usable_plugin<'a>(
        &self,
        props: &Props,
        plugins: &'a PluginRegistry,
    ) -> Option<&'a PluginDescriptor> {
        let plugin = self.plugin(props, plugins)?;
        let required = props.get(&self.version_key()).unwrap_or("latest");
        let required: VersionRequirement = required.parse().ok()?;
        required.allows(plugin.info.version).then_some(plugin)
    }

    /// The same, where keys are listed: the reference finds no class with blanks around its name
    /// there, though it uses it.
    #[must_use]
    pub fn listed_plugin<'a>(
        &self,
        props: &Props,
        plugins: &'a PluginRegistry,
    ) -> Option<&'a PluginDescriptor> {
        let plugin = self.usable_plugin(props, plugins)?;
        self.has_plain_class(props).then_some(plugin)
    }

    fn has_plain_class(&self, props: &Props) -> bool {
        let class = props.get(&self.type_key()).unwrap_or_default();
        class.trim() == class
    }

    /// Whether the configuration names a class that is there and of another kind.
    #[must_use]
    pub fn names_other_class(&self, props: &Props, plugins: &PluginRegistry) -> bool {
        let class = props.get(&self.type_key()).unwrap_or_default();
        is_class(class, plugins) && self.plugin(props, plugins).is_none()
    }

    /// The mistake of a configuration that is to be used and names no class: key and message.
    #[must_use]
    pub fn without_type(&self, props: &Props) -> Option<(String, String)> {
        let key = self.type_key();
        let problem = format!("Not a {}", self.kind.interface().name());
        let message = invalid(&key, "null", problem);
        props.get(&key).is_none().then_some((key, message))
    }

    /// Adds the keys of this alias and of the plugin behind it.
    pub fn define(&self, props: &Props, plugins: &PluginRegistry, definition: &mut Definition) {
        self.define_own(props, plugins, definition);
        if let Some(plugin) = self.listed_plugin(props, plugins) {
            for setting in self.embedded_settings(plugin) {
                definition.add(setting);
            }
        }
    }

    /// Adds the keys of this alias that are the worker's; the plugin itself checks its own.
    pub fn define_for_use(
        &self,
        props: &Props,
        plugins: &PluginRegistry,
        definition: &mut Definition,
    ) {
        self.define_own(props, plugins, definition);
        for mut setting in self.implicit_settings() {
            self.embed(&mut setting.key, 0);
            definition.add(setting);
        }
    }

    fn define_own(&self, props: &Props, plugins: &PluginRegistry, definition: &mut Definition) {
        let (what, alias) = (self.kind.interface().name(), &self.name);
        let group = self.kind.group(alias);
        let choices = plugins
            .iter()
            .filter(|it| self.kind.interface().accepts(it));
        let choices = choices.map(|it| it.info.name.to_owned()).collect();
        let class = Setting::new(
            self.type_key(),
            ConfigType::Class,
            "Class behind the alias.",
        )
        .importance(Importance::High)
        .check(Check::Class(self.kind.interface()))
        .shown(
            group.clone(),
            0,
            Width::Long,
            format!("{what} type for {alias}"),
        )
        .recommended(choices);
        let mut version = Setting::new(
            self.version_key(),
            ConfigType::String,
            "Which version of that class is acceptable.",
        )
        .importance(Importance::High)
        .optional()
        .check(Check::VersionRange)
        .shown(group, 1, Width::Long, format!("{what} version for {alias}"));
        if let Some(plugin) = self.plugin(props, plugins) {
            version.recommended = vec![plugin.info.version.to_owned()];
            if self.has_plain_class(props) {
                version.key.default = DefaultValue::Text(plugin.info.version.into());
            }
        }
        definition.add(class);
        definition.add(version);
    }

    /// Mistakes that only show when several keys are seen together: key and message.
    #[must_use]
    pub fn mistakes(&self, props: &Props, plugins: &PluginRegistry) -> Vec<(String, String)> {
        let mut mistakes = Vec::new();
        let requirement = props
            .get(&self.version_key())
            .map(str::parse::<VersionRequirement>);
        match (self.plugin(props, plugins), requirement) {
            // The version key itself is found faulty by its check.
            (Some(_), Some(Err(error))) => mistakes.push((self.type_key(), error.to_string())),
            (Some(plugin), Some(Ok(requirement))) if !requirement.allows(plugin.info.version) => {
                let message = no_such_version(plugin, &requirement);
                mistakes.push((self.type_key(), message.clone()));
                mistakes.push((self.version_key(), message));
            }
            _ => {}
        }
        mistakes
    }

    /// The mistake of a transformation that negates no predicate: key and message. The reference
    /// says it in place of what is wrong with a class of another kind.
    #[must_use]
    pub fn negates_nothing(&self, props: &Props) -> Option<(String, String)> {
        let (negate, predicate) = (self.key(NEGATE), self.key(PREDICATE));
        let negates_nothing = props.contains_key(&negate) && !props.contains_key(&predicate);
        if self.kind != AliasKind::Transform || !negates_nothing {
            return None;
        }
        let message = format!(
            "Config '{negate}' was provided but there is no config '{predicate}' defining a \
             predicate to be negated."
        );
        Some((self.type_key(), message))
    }

    /// The mistake of a transformation whose predicate is not there: key and message. A validation
    /// does not find it, as in the reference; its tasks cannot start.
    #[must_use]
    pub fn names_no_predicate(&self, props: &Props) -> Option<(String, String)> {
        if self.kind != AliasKind::Transform {
            return None;
        }
        let (predicate, _) = self.condition(props)?;
        let is_there = Self::of_kind(AliasKind::Predicate, props).contains(&predicate);
        let message = format!("`{}` is no alias in `predicates`", predicate.name);
        (!is_there).then(|| (self.key(PREDICATE), message))
    }
}

/// The prefix of its keys.
impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind.list_key(), self.name)
    }
}

/// The message for a plugin whose only version is not acceptable.
#[must_use]
pub fn no_such_version(plugin: &PluginDescriptor, required: &VersionRequirement) -> String {
    // A class counts once for records and once for headers when it converts both.
    let converts = |role| Interface::Converter(role).accepts(plugin);
    let kinds = 1 + usize::from(
        converts(connect_core::converter::Role::Header)
            && converts(connect_core::converter::Role::Value),
    );
    let versions = vec![plugin.info.version; kinds];
    format!(
        "Plugin {} not found that matches the version range {required}, available versions: [{}]",
        plugin.info.name,
        versions.join(", ")
    )
}
