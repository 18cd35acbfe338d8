//! What must not be seen of a configuration is seen nowhere.

use std::fmt::Debug;
use std::marker::PhantomData;

use super::Sample;
use crate::config::{ConfigDef, ConfigType, ConnectorConfig, Props};
use crate::error::ConnectError;
use crate::plugin::{PluginDescriptor, PluginInfo};
use crate::reference::Reference;

/// What no text may show.
const SECRET: &str = "hunter2-is-the-secret";
/// Shorter secrets of a sample may be a part of some word.
const SHORTEST: usize = 6;

/// The `Debug` form of a configuration; `None` for types without one.
pub type DebugFn<C> = Option<fn(&C) -> String>;

/// Finds out whether a type can be debugged: its own method is preferred to that of [`NotShown`].
#[derive(Debug)]
pub struct Shown<C>(PhantomData<fn() -> C>);

impl<C> Shown<C> {
    /// The question about a type.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<C> Default for Shown<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: Debug> Shown<C> {
    /// How it is debugged.
    #[must_use]
    pub fn debug(&self) -> DebugFn<C> {
        Some(|config| format!("{config:?}"))
    }
}

/// The answer for types that cannot be debugged.
pub trait NotShown<C> {
    /// Nothing shows them.
    fn debug(&self) -> DebugFn<C> {
        None
    }
}

impl<C> NotShown<C> for Shown<C> {}

/// The sample with a secret in every place for one; `None` if there is no such place.
pub(super) fn sample<C: ConnectorConfig>(it: &Sample) -> Option<Props> {
    let passwords: Vec<_> = passwords(C::definition()).collect();
    let mut props = it.props.clone();
    for key in &passwords {
        props.insert(*key, Some(SECRET.to_owned()));
    }
    (!passwords.is_empty()).then_some(props)
}

fn passwords(definition: &ConfigDef) -> impl Iterator<Item = &str> {
    let keys = definition.keys().iter();
    keys.filter(|it| it.kind == ConfigType::Password)
        .map(|it| it.name.as_ref())
}

/// Checks what reading, validating and debugging a configuration say of its secrets, and what the
/// plugin's documentation says of those in the sample.
pub(super) fn check<C: ConnectorConfig>(it: &Sample, plugin: &PluginDescriptor, debug: DebugFn<C>) {
    let Some(good) = sample::<C>(it) else {
        return;
    };
    let mut bad = good.clone();
    for key in C::definition().keys() {
        if key.kind != ConfigType::Password {
            bad.insert(key.name.as_ref(), Some("\u{0}".to_owned()));
        }
    }
    for props in [good, bad] {
        hides("a validation", &format!("{:?}", C::validate(&props)));
        match C::parse(&props) {
            Ok(config) => {
                let text = debug.map(|debug| debug(&config)).unwrap_or_default();
                hides("the `Debug` form of the configuration", &text);
            }
            Err(errors) => hides("a mistake", &format!("{errors} {errors:?}")),
        }
    }
    let documents = documents(plugin);
    let secrets = passwords(C::definition()).filter_map(|it_key| it.props.get(it_key));
    for secret in secrets.map(str::trim).filter(|it| it.len() >= SHORTEST) {
        let shows = documents.contains(secret);
        assert!(!shows, "the documentation shows a secret of the sample");
    }
}

/// Checks that an error of a task says nothing of a secret.
pub(super) fn hidden_in_error(error: &ConnectError) {
    hides(
        "an error of the task",
        &format!("{} {error:?}", error.trace()),
    );
}

fn hides(what: &str, text: &str) {
    assert!(!text.contains(SECRET), "{what} shows a secret: {text}");
}

/// Everything that is generated for readers.
fn documents(plugin: &PluginDescriptor) -> String {
    let reference = Reference::of(plugin);
    let sample = reference.sample();
    [
        reference.page(),
        reference.help(),
        sample.to_properties(),
        sample.to_json().to_string(),
        reference.schema().to_string(),
        reference.manifest().to_string(),
        reference.definition().to_enriched_rst(),
    ]
    .concat()
}

/// What the documentation of a plugin needs to know beside its configuration.
pub(super) const fn info() -> PluginInfo {
    PluginInfo {
        name: "org.example.Plugin",
        aliases: &[],
        version: "1.0.0",
        documentation: "A plugin.",
        module: module_path!(),
    }
}
