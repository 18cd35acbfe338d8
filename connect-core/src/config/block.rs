//! Configuration structs as a whole: what the derive implements, and what follows from it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::choice::{same_text, starts_with};
use super::{
    ConfigDef, ConfigErrors, ConfigGroup, ConfigKey, ConfigValueInfo, ConnectorConfig, KeyDetails,
    PassThrough, Props,
};

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

    /// Publishes its keys.
    fn define(definer: &mut Definer);

    /// Reads its keys; `None` when there is a mistake.
    fn read(reader: &mut Reader<'_>) -> Option<Self>;

    /// Writes its keys in the form that [`read`](Self::read) takes.
    fn write(&self, props: &mut Props);
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

    /// Adds a key; without an order it comes after those that its group has already.
    pub(super) fn add(&mut self, mut key: ConfigKey, details: KeyDetails, order: Option<i32>) {
        if let Some(group) = &key.group {
            let size = self.group_sizes.entry(group.clone().into_owned());
            let size = size.or_default();
            key.order_in_group = order.unwrap_or(*size);
            *size += 1;
        }
        self.keys.push(key);
        self.details.push(details);
    }
}

/// Reads the keys of a configuration one after another and keeps every mistake.
#[derive(Debug)]
pub struct Reader<'a> {
    props: &'a Props,
    /// What stands before the names that are read.
    prefix: String,
    infos: Vec<ConfigValueInfo>,
}

impl<'a> Reader<'a> {
    fn new(props: &'a Props) -> Self {
        Self {
            props,
            prefix: String::new(),
            infos: Vec::new(),
        }
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
        self.infos.push(ConfigValueInfo {
            name: key.to_owned(),
            value,
            recommended_values: Vec::new(),
            errors,
            visible: true,
        });
    }

    pub(super) fn add_error(&mut self, key: &str, message: String) {
        match self.infos.iter_mut().find(|it| it.name == key) {
            Some(info) => info.errors.push(message),
            None => self.report(key, None, vec![message]),
        }
    }

    pub(super) fn set_visible(&mut self, key: &str, visible: bool) {
        for info in self.infos.iter_mut().filter(|it| it.name == key) {
            info.visible = visible;
        }
    }

    /// Checks the rules over several keys; `None` when one does not hold.
    pub fn check<T>(&mut self, config: T, check: fn(&T, &mut ConfigErrors)) -> Option<T> {
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
pub fn parse<T: ConfigBlock>(props: &Props) -> Result<T, ConfigErrors> {
    let mut reader = Reader::new(props);
    T::read(&mut reader).ok_or_else(|| reader.into_errors())
}

/// The keys of a struct with their values and mistakes.
#[must_use]
pub fn validate<T: ConfigBlock>(props: &Props) -> Vec<ConfigValueInfo> {
    let mut reader = Reader::new(props);
    drop(T::read(&mut reader));
    reader.infos
}

/// A user's configuration with what a plan changed in it.
///
/// Keys that did not change stay as they were written, unknown ones and references included.
/// `read` is the configuration as it was read, `planned` what a task gets.
pub(crate) fn overlay<T>(written: &Props, read: &T, planned: &T) -> Props
where
    T: ConfigBlock + ConnectorConfig,
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
