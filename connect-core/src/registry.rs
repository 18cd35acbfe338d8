//! The plugins of this program, by every name they answer to.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use crate::converter::Role;
use crate::plugin::{PluginDescriptor, PluginEntry, PluginKind};

/// Endings that users may leave out of a simple class name.
const SUFFIXES: &[&str] = &[
    "ConnectorClientConfigOverridePolicy",
    "Connector",
    "HeaderConverter",
    "Converter",
    "Transformation",
    "Predicate",
    "Task",
    "ConfigProvider",
];

/// Every plugin that the worker can use. Built once; tests build their own.
#[derive(Clone, Debug)]
pub struct PluginRegistry {
    /// Sorted by kind, then by name.
    plugins: Vec<PluginDescriptor>,
    /// Full names and aliases.
    names: BTreeMap<&'static str, usize>,
    /// Simple names, which may be ambiguous.
    simple: BTreeMap<&'static str, Vec<usize>>,
}

impl PluginRegistry {
    /// All plugins that were linked into this program.
    ///
    /// # Errors
    /// When two of them answer to the same full name.
    pub fn from_inventory() -> Result<Self, DuplicatePlugin> {
        Self::new(inventory::iter::<PluginDescriptor>().copied())
    }

    /// The registry of the plugins that were linked into this program, for configurations that
    /// name plugins. Made on first use.
    ///
    /// # Errors
    /// When two of them answer to the same full name.
    pub fn linked() -> Result<&'static Self, DuplicatePlugin> {
        static LINKED: LazyLock<Result<PluginRegistry, DuplicatePlugin>> =
            LazyLock::new(PluginRegistry::from_inventory);
        LINKED.as_ref().map_err(Clone::clone)
    }

    /// A registry of just these plugins.
    ///
    /// # Errors
    /// When two of them answer to the same full name.
    pub fn new(
        plugins: impl IntoIterator<Item = PluginDescriptor>,
    ) -> Result<Self, DuplicatePlugin> {
        let mut plugins: Vec<PluginDescriptor> = plugins.into_iter().collect();
        plugins.sort_by_key(|it| (it.entry.kind(), it.info.name));

        let mut names = BTreeMap::new();
        let mut simple: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
        for (index, plugin) in plugins.iter().enumerate() {
            let full_names = std::iter::once(plugin.info.name).chain(plugin.info.aliases.to_vec());
            for name in full_names {
                if let Some(other) = names.insert(name, index) {
                    return Err(DuplicatePlugin {
                        name,
                        modules: [plugins[other].info.module, plugin.info.module],
                    });
                }
                for short in short_names(name) {
                    let owners = simple.entry(short).or_default();
                    if !owners.contains(&index) {
                        owners.push(index);
                    }
                }
            }
        }
        Ok(Self {
            plugins,
            names,
            simple,
        })
    }

    /// All plugins, sorted by kind, then by name.
    pub fn iter(&self) -> impl Iterator<Item = &PluginDescriptor> {
        self.plugins.iter()
    }

    /// How many plugins there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.plugins.len()
    }

    /// Every name that some plugin answers to: simple ones, which people type, before full ones.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.simple.keys().chain(self.names.keys()).copied()
    }

    /// Whether there is no plugin at all, which means that the binary links no plugin crate.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plugins.is_empty()
    }

    /// The plugin of any kind that answers to `name`: full name, alias or unique simple name.
    ///
    /// # Errors
    /// When there is none, or a simple name belongs to several.
    pub fn find(&self, name: &str) -> Result<&PluginDescriptor, LookupError> {
        self.find_where(name, |_| true)
    }

    /// The connector that answers to `name`.
    ///
    /// # Errors
    /// When there is none, or a simple name belongs to several.
    pub fn connector(&self, name: &str) -> Result<&PluginDescriptor, LookupError> {
        self.find_where(name, |it| {
            matches!(it.entry.kind(), PluginKind::Source | PluginKind::Sink)
        })
    }

    /// The converter that answers to `name` and can serve `role`.
    ///
    /// # Errors
    /// When there is none, or a simple name belongs to several.
    pub fn converter(&self, name: &str, role: Role) -> Result<&PluginDescriptor, LookupError> {
        self.find_where(name, |it| match it.entry {
            PluginEntry::Converter { roles, .. } => roles.contains(&role),
            PluginEntry::Source { .. }
            | PluginEntry::Sink { .. }
            | PluginEntry::Transform { .. }
            | PluginEntry::Predicate { .. }
            | PluginEntry::ConfigProvider { .. }
            | PluginEntry::ClientConfigPolicy { .. }
            | PluginEntry::RestExtension { .. } => false,
        })
    }

    /// The configuration provider that answers to `name`.
    ///
    /// # Errors
    /// When there is none, or a simple name belongs to several.
    pub fn config_provider(&self, name: &str) -> Result<&PluginDescriptor, LookupError> {
        self.find_where(name, |it| it.entry.kind() == PluginKind::ConfigProvider)
    }

    /// The policy for client settings that answers to `name`.
    ///
    /// # Errors
    /// When there is none, or a simple name belongs to several.
    pub fn client_config_policy(&self, name: &str) -> Result<&PluginDescriptor, LookupError> {
        self.find_where(name, |it| it.entry.kind() == PluginKind::ClientConfigPolicy)
    }

    /// The REST extension that answers to `name`.
    ///
    /// # Errors
    /// When there is none, or a simple name belongs to several.
    pub fn rest_extension(&self, name: &str) -> Result<&PluginDescriptor, LookupError> {
        self.find_where(name, |it| it.entry.kind() == PluginKind::RestExtension)
    }

    fn find_where(
        &self,
        name: &str,
        wanted: impl Fn(&PluginDescriptor) -> bool,
    ) -> Result<&PluginDescriptor, LookupError> {
        if let Some(index) = self.names.get(name) {
            let plugin = &self.plugins[*index];
            return match wanted(plugin) {
                true => Ok(plugin),
                false => Err(LookupError::WrongKind {
                    name: name.to_owned(),
                    kind: plugin.entry.kind(),
                }),
            };
        }
        let owners = self.simple.get(name).map(Vec::as_slice).unwrap_or_default();
        match owners {
            [] => Err(LookupError::Unknown(name.to_owned())),
            [only] if wanted(&self.plugins[*only]) => Ok(&self.plugins[*only]),
            [only] => Err(LookupError::WrongKind {
                name: name.to_owned(),
                kind: self.plugins[*only].entry.kind(),
            }),
            several => Err(LookupError::Ambiguous {
                name: name.to_owned(),
                candidates: several
                    .iter()
                    .map(|it| self.plugins[*it].info.name)
                    .collect(),
            }),
        }
    }
}

/// The last segment of a full name, and the same without the suffix of its kind. Nested classes,
/// which the reference calls `Key` and `Value`, have full names only.
pub(crate) fn short_names(name: &'static str) -> Vec<&'static str> {
    let simple = name.rsplit('.').next().unwrap_or(name);
    if simple.contains('$') {
        return Vec::new();
    }
    let pruned = SUFFIXES
        .iter()
        .find_map(|suffix| simple.strip_suffix(suffix))
        .filter(|it| !it.is_empty());
    std::iter::once(simple).chain(pruned).collect()
}

/// Two plugins answer to the same name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two plugins answer to the name `{name}`: one in {}, one in {}", modules[0], modules[1])]
pub struct DuplicatePlugin {
    /// The name.
    pub name: &'static str,
    /// Rust modules of the two.
    pub modules: [&'static str; 2],
}

/// No usable plugin answers to a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupError {
    /// Nothing answers to it.
    Unknown(String),
    /// It is the name of a plugin of another kind.
    WrongKind {
        /// The name.
        name: String,
        /// The kind of plugin that answers to it.
        kind: PluginKind,
    },
    /// It is the simple name of several.
    Ambiguous {
        /// The name.
        name: String,
        /// Full names of the plugins that answer to it.
        candidates: Vec<&'static str>,
    },
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "no plugin answers to `{name}`"),
            Self::WrongKind { name, kind } => {
                write!(f, "`{name}` is a plugin of another kind: {kind:?}")
            }
            Self::Ambiguous { name, candidates } => {
                write!(
                    f,
                    "several plugins answer to `{name}`: {}",
                    candidates.join(", ")
                )
            }
        }
    }
}

impl std::error::Error for LookupError {}
