//! What users read about plugins: pages, samples, schemas and a manifest.
//!
//! All of it follows from the definition of a plugin's keys, so nothing has to be written or kept
//! up to date beside it. Everything is a function of descriptors; whoever calls it prints or
//! stores the text.
//!
//! ```
//! use connect_core::prelude::*;
//! use connect_core::reference::Reference;
//! use connect_core::registry::PluginRegistry;
//!
//! /// Where tides go.
//! #[derive(ConnectorConfig)]
//! struct TideConfig {
//!     /// Topic to write to.
//!     #[config(example = "tides")]
//!     topic: String,
//! }
//!
//! /// Watches the sea.
//! #[source_connector(name = "org.example.TideSource")]
//! struct Tide;
//!
//! #[source_task]
//! impl SourceTask for Tide {
//!     type Config = TideConfig;
//!
//!     async fn start(_: TideConfig, _: SourceContext<Self>) -> Result<Self> {
//!         Ok(Self)
//!     }
//!
//!     async fn poll(&mut self) -> Result<Batch<Self>> {
//!         Ok(Vec::new())
//!     }
//! }
//!
//! let registry = PluginRegistry::from_inventory()?;
//! let reference = Reference::find(&registry, "TideSource")?;
//!
//! assert!(reference.page().starts_with("# TideSource\n"));
//! assert!(reference.sample().to_properties().contains("\ntopic=tides\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod help;
mod index;
mod key;
mod kind;
mod manifest;
mod page;
mod sample;
mod schema;
mod text;

pub use index::index;
pub use manifest::manifest;
pub use sample::Sample;

use serde_json::Value as Json;

use crate::config::ConfigDef;
use crate::plugin::{PluginDescriptor, PluginKind};
use crate::registry::{LookupError, PluginRegistry};

/// What there is to read about a plugin.
///
/// The variants of a transform, for keys and for values, differ in their names alone and share one
/// reference.
#[derive(Clone, Debug)]
pub struct Reference<'a> {
    /// At least one; all with the same definition.
    variants: Vec<&'a PluginDescriptor>,
}

impl<'a> Reference<'a> {
    /// The reference of just this plugin.
    #[must_use]
    pub fn of(plugin: &'a PluginDescriptor) -> Self {
        Self {
            variants: vec![plugin],
        }
    }

    /// The references of all plugins, by kind and name.
    #[must_use]
    pub fn all(registry: &'a PluginRegistry) -> Vec<Self> {
        let mut references: Vec<Self> = Vec::new();
        for plugin in registry.iter() {
            match references.last_mut() {
                Some(last) if last.has_variant(plugin) => last.variants.push(plugin),
                _ => references.push(Self::of(plugin)),
            }
        }
        references
    }

    /// The reference of the plugin that answers to a name, or of all variants if the name is what
    /// they have in common.
    ///
    /// # Errors
    /// When there is none, or a simple name belongs to several.
    pub fn find(registry: &'a PluginRegistry, name: &str) -> Result<Self, LookupError> {
        let unknown = match registry.find(name) {
            Ok(plugin) => return Ok(Self::of(plugin)),
            Err(error) => error,
        };
        let mut all = Self::all(registry).into_iter();
        all.find(|it| name == it.title() || name == stem(it.first().info.name))
            .ok_or(unknown)
    }

    /// The plugins that it is about.
    pub fn plugins(&self) -> impl Iterator<Item = &'a PluginDescriptor> {
        self.variants.iter().copied()
    }

    /// The simple name, without the part that tells variants apart.
    #[must_use]
    pub fn title(&self) -> &'static str {
        let stem = stem(self.first().info.name);
        stem.rsplit('.').next().unwrap_or(stem)
    }

    /// The kind of plugin.
    #[must_use]
    pub fn kind(&self) -> PluginKind {
        self.first().entry.kind()
    }

    /// The first paragraph of the documentation.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        text::first_paragraph(self.first().info.documentation)
    }

    /// The page, in Markdown.
    #[must_use]
    pub fn page(&self) -> String {
        page::page(self)
    }

    /// The keys, for a terminal.
    #[must_use]
    pub fn help(&self) -> String {
        help::help(self)
    }

    /// A configuration to start from; of several variants it uses the first.
    #[must_use]
    pub fn sample(&self) -> Sample {
        Sample::new(self)
    }

    /// The keys as a JSON Schema of draft 2020-12, as they stand beside each other: without the
    /// prefix that transforms and converters have in the configuration of a connector.
    #[must_use]
    pub fn schema(&self) -> Json {
        schema::schema(self)
    }

    /// Everything that is known, for programs: for each variant what the [`manifest`] has of it.
    #[must_use]
    pub fn manifest(&self) -> Json {
        self.plugins().map(manifest::plugin).collect()
    }

    fn first(&self) -> &'a PluginDescriptor {
        self.variants[0]
    }

    /// The definition of the keys.
    #[must_use]
    pub fn definition(&self) -> &'static ConfigDef {
        (self.first().config.definition)()
    }

    fn has_variant(&self, plugin: &PluginDescriptor) -> bool {
        let (name, other) = (self.first().info.name, plugin.info.name);
        let same_definition = || std::ptr::eq(self.definition(), (plugin.config.definition)());
        stem(name) != name && stem(name) == stem(other) && same_definition()
    }
}

/// A class name without the part that tells variants apart.
fn stem(name: &str) -> &str {
    name.split_once('$').map_or(name, |(stem, _)| stem)
}
