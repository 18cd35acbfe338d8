//! Fields that stand for more than one key.

use std::fmt;

use super::block::{ConfigBlock, Definer, KeyNames, Reader};
use super::live::Recommendations;
use super::{PassThrough, Props};
use crate::error::Result;
use crate::source::BoxFuture;

/// A struct of keys inside another.
pub struct Flattened<T> {
    keys: KeyNames,
    define: fn(&mut Definer),
    read: fn(&mut Reader<'_>) -> Option<T>,
    write: fn(&T, &mut Props),
    recommend: fn(&mut Recommendations<'_>),
    probe: for<'a> fn(&'a T) -> BoxFuture<'a, Result<()>>,
}

/// The functions of a struct. Nothing else has a bound on its type, so that a wrong type is reported
/// once.
#[must_use]
pub const fn flattened<T: ConfigBlock>() -> Flattened<T> {
    Flattened {
        keys: T::KEYS,
        define: T::define,
        read: T::read,
        write: T::write,
        recommend: T::recommend,
        probe: T::probe,
    }
}

impl<T> Flattened<T> {
    /// See [`ConfigBlock::KEYS`].
    #[must_use]
    pub const fn keys(&self) -> KeyNames {
        self.keys
    }

    /// See [`ConfigBlock::define`].
    pub fn define(&self, definer: &mut Definer) {
        (self.define)(definer);
    }

    /// See [`ConfigBlock::read`].
    pub fn read(&self, reader: &mut Reader<'_>) -> Option<T> {
        (self.read)(reader)
    }

    /// See [`ConfigBlock::write`].
    pub fn write(&self, value: &T, props: &mut Props) {
        (self.write)(value, props);
    }

    /// See [`ConfigBlock::recommend`].
    pub fn recommend(&self, recommendations: &mut Recommendations<'_>) {
        (self.recommend)(recommendations);
    }

    /// See [`ConfigBlock::probe`].
    #[must_use]
    pub fn probe<'a>(&self, value: &'a T) -> BoxFuture<'a, Result<()>> {
        (self.probe)(value)
    }
}

impl<T> fmt::Debug for Flattened<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Flattened").field(&self.keys).finish()
    }
}

/// A type that takes keys of any name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot take keys of any name",
    label = "`rest` needs `Props`",
    note = "change the type to `Props`"
)]
pub trait AnyKeys: Sized + 'static {
    /// The keys as they were written.
    fn from_props(props: Props) -> Self;

    /// The keys as they were written.
    fn as_props(&self) -> &Props;
}

impl AnyKeys for Props {
    fn from_props(props: Props) -> Self {
        props
    }

    fn as_props(&self) -> &Props {
        self
    }
}

/// All keys below a prefix, which go to another program unseen.
#[derive(Debug)]
pub struct Rest<T> {
    prefix: &'static str,
    documentation: &'static str,
    from_props: fn(Props) -> T,
    as_props: fn(&T) -> &Props,
}

/// The keys below a prefix. Nothing else has a bound on the type, so that a wrong type is reported
/// once.
#[must_use]
pub const fn rest<T: AnyKeys>(prefix: &'static str, documentation: &'static str) -> Rest<T> {
    Rest {
        prefix,
        documentation,
        from_props: T::from_props,
        as_props: T::as_props,
    }
}

impl<T> Rest<T> {
    /// Publishes the prefix.
    pub fn define(&self, definer: &mut Definer) {
        let prefix = definer.full(self.prefix);
        definer.pass_through(PassThrough {
            prefix,
            documentation: self.documentation,
        });
    }

    /// The keys without the prefix.
    pub fn read(&self, reader: &mut Reader<'_>) -> Option<T> {
        let prefix = reader.full(self.prefix);
        let keys = reader.props().with_prefix_stripped(&prefix);
        Some((self.from_props)(keys))
    }

    /// Writes the keys with the prefix.
    pub fn write(&self, value: &T, props: &mut Props) {
        for (key, text) in (self.as_props)(value).iter() {
            let key = format!("{}{key}", self.prefix);
            props.insert(key, text.map(str::to_owned));
        }
    }
}

/// A struct of keys below a prefix.
pub struct Nested<T> {
    prefix: &'static str,
    keys: Flattened<T>,
}

/// The functions of a struct, for keys below a prefix. Nothing else has a bound on its type, so that
/// a wrong type is reported once.
#[must_use]
pub const fn nested<T: ConfigBlock>(prefix: &'static str) -> Nested<T> {
    Nested {
        prefix,
        keys: flattened::<T>(),
    }
}

impl<T> Nested<T> {
    /// See [`ConfigBlock::define`].
    pub fn define(&self, definer: &mut Definer) {
        definer.below(self.prefix, self.keys.define);
    }

    /// See [`ConfigBlock::read`].
    pub fn read(&self, reader: &mut Reader<'_>) -> Option<T> {
        reader.below(self.prefix, self.keys.read)
    }

    /// See [`ConfigBlock::write`].
    pub fn write(&self, value: &T, props: &mut Props) {
        let mut own = Props::new();
        self.keys.write(value, &mut own);
        for (key, text) in own.iter() {
            props.insert(format!("{}{key}", self.prefix), text.map(str::to_owned));
        }
    }

    /// See [`ConfigBlock::recommend`].
    pub fn recommend(&self, recommendations: &mut Recommendations<'_>) {
        recommendations.below(self.prefix, self.keys.recommend);
    }

    /// See [`ConfigBlock::probe`].
    #[must_use]
    pub fn probe<'a>(&self, value: &'a T) -> BoxFuture<'a, Result<()>> {
        self.keys.probe(value)
    }
}

impl<T> fmt::Debug for Nested<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Nested").field(&self.prefix).finish()
    }
}
