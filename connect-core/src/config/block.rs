//! Configuration structs as a whole: what the derive implements, and what follows from it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::choice::{same_text, starts_with};
use super::live::Recommendations;
use super::{
    ConfigDef, ConfigErrors, ConfigGroup, ConfigKey, ConfigValueInfo, ConnectorConfig, KeyDetails,
    PassThrough, Props, VariantCondition,
};
use crate::error::Result;
use crate::source::BoxFuture;

/// A struct whose fields are configuration keys. The derive of
/// [`ConnectorConfig`](super::ConnectorConfig) implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not derive `ConnectorConfig`",
    label = "not a group of configuration keys",
    note = "add `#[derive(ConnectorConfig)]` to `{Self}`"
)]
pub trait ConfigBlock: Sized + Send + 'static {
    /// All names of its keys.
    const KEYS: KeyNames;

    /// What recommendations are made from: the fields, as far as they are good. `()` when there
    /// are none.
    type Draft;

    /// Publishes its keys.
    fn define(definer: &mut Definer);

    /// Reads its keys; `None` when there is a mistake.
    fn read(reader: &mut Reader<'_>) -> Option<Self>;

    /// Writes its keys in the form that [`read`](Self::read) takes.
    fn write(&self, props: &mut Props);

    /// Adds its questions to the other side.
    fn recommend(_: &mut Recommendations<'_>) {}

    /// Tries it on the other side.
    fn probe(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Names of keys: those of a struct, and those of the structs in it.
#[derive(Clone, Copy, Debug)]
pub struct KeyNames {
    /// The names of its own.
    pub own: &'static [&'static str],
    /// Those of flattened structs.
    pub flattened: &'static [KeyNames],
    /// Prefixes below which every name is taken.
    pub below: &'static [&'static str],
}

impl KeyNames {
    /// Whether a name is among them.
    #[must_use]
    pub const fn has(&self, name: &str) -> bool {
        let mut index = 0;
        while index < self.own.len() {
            if same_text(self.own[index], name) {
                return true;
            }
            index += 1;
        }
        let mut index = 0;
        while index < self.flattened.len() {
            if self.flattened[index].has(name) {
                return true;
            }
            index += 1;
        }
        let mut index = 0;
        while index < self.below.len() {
            if starts_with(name, self.below[index]) {
                return true;
            }
            index += 1;
        }
        false
    }

    /// Whether a name begins with a prefix.
    #[must_use]
    pub const fn any_below(&self, prefix: &str) -> bool {
        let mut index = 0;
        while index < self.own.len() {
            if starts_with(self.own[index], prefix) {
                return true;
            }
            index += 1;
        }
        let mut index = 0;
        while index < self.flattened.len() {
            if self.flattened[index].any_below(prefix) {
                return true;
            }
            index += 1;
        }
        let mut index = 0;
        while index < self.below.len() {
            if starts_with(self.below[index], prefix) || starts_with(prefix, self.below[index]) {
                return true;
            }
            index += 1;
        }
        false
    }

    /// Whether a name is among both.
    #[must_use]
    pub const fn overlaps(&self, other: &Self) -> bool {
        let mut index = 0;
        while index < self.own.len() {
            if other.has(self.own[index]) {
                return true;
            }
            index += 1;
        }
        let mut index = 0;
        while index < self.flattened.len() {
            if self.flattened[index].overlaps(other) {
                return true;
            }
            index += 1;
        }
        let mut index = 0;
        while index < self.below.len() {
            if other.any_below(self.below[index]) {
                return true;
            }
            index += 1;
        }
        false
    }
}

/// Collects the keys that are published.
#[derive(Debug, Default)]
pub struct Definer {
    /// What stands before the names that are declared.
    prefix: String,
    groups: Vec<ConfigGroup>,
    pass_through: Vec<PassThrough>,
    keys: Vec<ConfigKey>,
    details: Vec<KeyDetails>,
    group_sizes: HashMap<String, i32>,
    /// The variants that the keys at hand belong to, from the outside in.
    variants: Vec<VariantCondition>,
}

impl Definer {
    /// Declares a group; the first label counts.
    pub fn group(&mut self, id: &'static str, label: &'static str) {
        if self.groups.iter().all(|it| it.id != id) {
            self.groups.push(ConfigGroup { id, label });
        }
    }

    /// Declares keys below a prefix.
    pub(super) fn below(&mut self, prefix: &str, define: fn(&mut Self)) {
        let outer = self.prefix.len();
        self.prefix.push_str(prefix);
        define(self);
        self.prefix.truncate(outer);
    }

    /// The name that users write.
    pub(super) fn full(&self, name: &'static str) -> Cow<'static, str> {
        full(&self.prefix, name)
    }

    /// Declares a prefix below which every key is taken.
    pub(super) fn pass_through(&mut self, published: PassThrough) {
        self.pass_through.push(published);
    }

    /// Declares the keys of a variant.
    pub(super) fn variant(
        &mut self,
        tag: Cow<'static, str>,
        name: &'static str,
        define: fn(&mut Self),
    ) {
        self.variants.push(VariantCondition {
            key: tag,
            values: vec![name],
        });
        define(self);
        self.variants.pop();
    }

    /// Adds a key; without an order it comes after those that its group has already.
    ///
    /// A key that several variants have is one key, published as the first of them declares it.
    pub(super) fn add(&mut self, mut key: ConfigKey, mut details: KeyDetails, order: Option<i32>) {
        if let Some(known) = self.details.iter_mut().find(|it| it.key == key.name) {
            merge(&mut known.applies_if, &self.variants);
            return;
        }
        self.make_dependent(key.name.clone());
        details.applies_if.clone_from(&self.variants);
        if let Some(group) = &key.group {
            let size = self.group_sizes.entry(group.clone().into_owned());
            let size = size.or_default();
            key.order_in_group = order.unwrap_or(*size);
            *size += 1;
        }
        self.keys.push(key);
        self.details.push(details);
    }

    /// A key of a variant depends on the one that chooses the variant.
    fn make_dependent(&mut self, name: Cow<'static, str>) {
        let Some(variant) = self.variants.last() else {
            return;
        };
        if let Some(tag) = self.keys.iter_mut().find(|it| it.name == variant.key) {
            tag.dependents.push(name);
        }
    }
}

/// Adds what a key of several variants is told by another of them. Where they disagree in more than
/// the variant, the condition is left out, and the key counts more often than it needs to.
fn merge(known: &mut Vec<VariantCondition>, other: &[VariantCondition]) {
    known.retain_mut(|condition| {
        let Some(same) = other.iter().find(|it| it.key == condition.key) else {
            return false;
        };
        let new = same
            .values
            .iter()
            .filter(|it| !condition.values.contains(it));
        let new: Vec<_> = new.copied().collect();
        condition.values.extend(new);
        true
    });
}

/// Reads the keys of a configuration one after another and keeps every mistake.
#[derive(Debug)]
pub struct Reader<'a> {
    props: &'a Props,
    /// What stands before the names that are read.
    prefix: String,
    /// Whether it is read to tell somebody what is wrong, and not to use it.
    is_checking: bool,
    infos: Vec<ConfigValueInfo>,
    /// Whether the keys at hand are those of a variant that is not chosen, and if so, whether a
    /// form shows them.
    ignored: Option<Shown>,
}

/// Whether a form shows keys that are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Nobody knows yet which variant is meant.
    Yes,
    /// Another variant is meant.
    No,
}

impl<'a> Reader<'a> {
    pub(super) fn new(props: &'a Props, prefix: &str) -> Self {
        Self {
            props,
            prefix: prefix.to_owned(),
            is_checking: false,
            infos: Vec::new(),
            ignored: None,
        }
    }

    pub(super) fn is_checking(&self) -> bool {
        self.is_checking
    }

    /// Reads keys of a variant that is not chosen: clients are told of them, mistakes do not count.
    pub(super) fn ignoring<T>(&mut self, shown: Shown, read: fn(&mut Self) -> Option<T>) {
        let outer = self.ignored;
        self.ignored = outer.or(Some(shown));
        drop(read(self));
        self.ignored = outer;
    }

    pub(super) fn props(&self) -> &'a Props {
        self.props
    }

    /// Reads keys below a prefix.
    pub(super) fn below<T>(&mut self, prefix: &str, read: fn(&mut Self) -> Option<T>) -> Option<T> {
        let outer = self.prefix.len();
        self.prefix.push_str(prefix);
        let value = read(self);
        self.prefix.truncate(outer);
        value
    }

    /// The name that users write.
    pub(super) fn full(&self, name: &'static str) -> Cow<'static, str> {
        full(&self.prefix, name)
    }

    pub(super) fn report(&mut self, key: &str, value: Option<String>, errors: Vec<String>) {
        // The chosen variant may have had a key of that name.
        if self.ignored.is_some() && self.infos.iter().any(|it| it.name == key) {
            return;
        }
        self.infos.push(ConfigValueInfo {
            name: key.to_owned(),
            value,
            recommended_values: Vec::new(),
            errors: match self.ignored {
                Some(_) => Vec::new(),
                None => errors,
            },
            visible: self.ignored != Some(Shown::No),
        });
    }

    pub(super) fn add_error(&mut self, key: &str, message: String) {
        if self.ignored.is_some() {
            return;
        }
        match self.infos.iter_mut().find(|it| it.name == key) {
            Some(info) => info.errors.push(message),
            None => self.report(key, None, vec![message]),
        }
    }

    pub(super) fn set_visible(&mut self, key: &str, visible: bool) {
        if self.ignored.is_some() {
            return;
        }
        for info in self.infos.iter_mut().filter(|it| it.name == key) {
            info.visible = visible;
        }
    }

    /// Checks the rules over several keys; `None` when one does not hold.
    pub fn check<T>(&mut self, config: T, check: fn(&T, &mut ConfigErrors)) -> Option<T> {
        if self.ignored.is_some() {
            return Some(config);
        }
        let mut errors = ConfigErrors::below(&self.prefix);
        check(&config, &mut errors);
        for (key, message) in errors.iter() {
            self.add_error(key, message.to_owned());
        }
        errors.is_empty().then_some(config)
    }

    fn into_errors(self) -> ConfigErrors {
        let mut errors = ConfigErrors::default();
        for info in self.infos {
            for message in info.errors {
                errors.push(info.name.as_str(), message);
            }
        }
        errors
    }
}

fn full(prefix: &str, name: &'static str) -> Cow<'static, str> {
    match prefix {
        "" => Cow::Borrowed(name),
        prefix => Cow::Owned(format!("{prefix}{name}")),
    }
}

/// The definition of a struct.
#[must_use]
pub fn definition_of<T: ConfigBlock>(documentation: &'static str) -> ConfigDef {
    let mut definer = Definer::default();
    T::define(&mut definer);
    ConfigDef {
        documentation,
        groups: definer.groups,
        pass_through: definer.pass_through,
        keys: definer.keys,
        details: definer.details,
    }
}

/// Reads a struct, or every mistake in its keys.
///
/// # Errors
/// Every mistake.
pub(super) fn parse<T: ConfigBlock>(props: &Props) -> Result<T, ConfigErrors> {
    let mut reader = Reader::new(props, "");
    T::read(&mut reader).ok_or_else(|| reader.into_errors())
}

/// The keys of a struct with their values and mistakes.
pub(super) fn validate<T: ConfigBlock>(props: &Props) -> Vec<ConfigValueInfo> {
    let mut reader = Reader::new(props, "");
    reader.is_checking = true;
    drop(T::read(&mut reader));
    reader.infos
}

/// A user's configuration with what a plan changed in it.
///
/// Keys that did not change stay as they were written, unknown ones and references included.
/// `read` is the configuration as it was read, `planned` what a task gets.
pub(crate) fn overlay<T>(written: &Props, read: &T, planned: &T) -> Props
where
    T: ConnectorConfig,
{
    let (mut before, mut after) = (Props::new(), Props::new());
    read.write(&mut before);
    planned.write(&mut after);

    let mut overlay = written.clone();
    for (name, _) in before.iter().chain(after.iter()) {
        if before.get(name) == after.get(name) {
            continue;
        }
        let details = T::definition().details(name);
        for alias in details.into_iter().flat_map(|it| &it.aliases) {
            overlay.remove(&alias.name);
        }
        match after.get(name) {
            Some(text) => overlay.insert(name, Some(text.to_owned())),
            None => overlay.remove(name),
        };
    }
    overlay
}
