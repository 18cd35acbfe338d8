//! Single message transforms and predicates: what happens to a record between connector and topic.

use std::mem;

use crate::config::{ConnectorConfig, Props};
use crate::data::SchemaAndValue;
use crate::error::Result;
use crate::metrics::PluginMetrics;
use crate::record::Record;

/// Changes or drops whole records.
///
/// Each task has an instance of its own, called from one place with one record after the other.
/// Implement it under `#[transform]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a transform",
    label = "does not implement `Transform`",
    note = "implement `Transform` for `{Self}`, or `DataTransform` and name its `targets(key, value)`"
)]
pub trait Transform: Sized + Send + 'static {
    /// The configuration: the keys below `transforms.ALIAS.`, with that prefix removed.
    type Config: ConnectorConfig;

    /// Makes a transform.
    ///
    /// # Errors
    /// When the configuration, though well-formed, cannot be used.
    fn new(config: Self::Config) -> Result<Self>;

    /// The record as it goes on; `None` drops it.
    ///
    /// The record is owned, so what is not touched is moved and not copied.
    ///
    /// # Errors
    /// When the record cannot be transformed: an error of the record.
    fn apply(&mut self, record: Record) -> Result<Option<Record>>;

    /// Whether it looks at the timestamp of records, or changes it. Where nothing does, records of
    /// which all were [read now](crate::record::SourceRecord::read_at) get the time at which they are
    /// sent, whatever they have, which is cheaper.
    fn uses_timestamp(&self) -> bool {
        true
    }

    /// Gives the plugin metrics of its own, once, before anything else is called.
    fn use_metrics(&mut self, metrics: &PluginMetrics) {
        let _ = metrics;
    }
}

/// Changes the key or the value of records; one plugin for each target.
///
/// Each task has an instance of its own, called from one place with one record after the other.
/// Implement it under `#[transform]` with `targets(key, value)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a transform of keys or values",
    label = "does not implement `DataTransform`",
    note = "implement `DataTransform` for `{Self}`, or `Transform` and name no `targets`"
)]
pub trait DataTransform: Sized + Send + 'static {
    /// The configuration: the keys below `transforms.ALIAS.`, with that prefix removed.
    type Config: ConnectorConfig;

    /// Makes a transform.
    ///
    /// # Errors
    /// When the configuration, though well-formed, cannot be used.
    fn new(config: Self::Config) -> Result<Self>;

    /// The data as it goes on. `record` is everything else of the record: its other half, topic,
    /// partition, timestamp and headers; the half that is transformed is null there.
    ///
    /// # Errors
    /// When the data cannot be transformed: an error of the record.
    fn apply(&mut self, data: SchemaAndValue, record: &Record) -> Result<SchemaAndValue>;

    /// Whether it looks at the timestamp of records. See [`Transform::uses_timestamp`].
    fn uses_timestamp(&self) -> bool {
        true
    }

    /// Gives the plugin metrics of its own, once, before anything else is called.
    fn use_metrics(&mut self, metrics: &PluginMetrics) {
        let _ = metrics;
    }
}

/// The part of a record that a [`DataTransform`] changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// Record keys.
    Key,
    /// Record values.
    Value,
}

/// Says whether a transform applies to a record.
///
/// Implement it under `#[predicate]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a predicate",
    label = "does not implement `Predicate`",
    note = "implement `Predicate` for `{Self}`"
)]
pub trait Predicate: Sized + Send + 'static {
    /// The configuration: the keys below `predicates.ALIAS.`, with that prefix removed.
    type Config: ConnectorConfig;

    /// Makes a predicate.
    ///
    /// # Errors
    /// When the configuration, though well-formed, cannot be used.
    fn new(config: Self::Config) -> Result<Self>;

    /// Whether the record is one of those that are meant.
    ///
    /// # Errors
    /// When that cannot be told: an error of the record.
    fn test(&mut self, record: &Record) -> Result<bool>;

    /// Whether it looks at the timestamp of records. See [`Transform::uses_timestamp`].
    fn uses_timestamp(&self) -> bool {
        true
    }

    /// Gives the plugin metrics of its own, once, before anything else is called.
    fn use_metrics(&mut self, metrics: &PluginMetrics) {
        let _ = metrics;
    }
}

/// What the worker calls. Not for authors: implemented for every [`Transform`], and for every
/// [`DataTransform`] with its target.
pub trait ErasedTransform: Send {
    /// Transforms a record where it is: `false` drops it. See [`Transform::apply`].
    ///
    /// # Errors
    /// When the record cannot be transformed. Then parts of it are gone, its topic is not.
    fn apply(&mut self, record: &mut Record) -> Result<bool>;

    /// See [`Transform::uses_timestamp`].
    fn uses_timestamp(&self) -> bool;

    /// See [`Transform::use_metrics`].
    fn use_metrics(&mut self, metrics: &PluginMetrics);
}

/// What the worker calls. Not for authors: implemented for every [`Predicate`].
pub trait ErasedPredicate: Send {
    /// See [`Predicate::test`].
    ///
    /// # Errors
    /// When it cannot be told.
    fn test(&mut self, record: &Record) -> Result<bool>;

    /// See [`Predicate::uses_timestamp`].
    fn uses_timestamp(&self) -> bool;

    /// See [`Predicate::use_metrics`].
    fn use_metrics(&mut self, metrics: &PluginMetrics);
}

struct Whole<T>(T);

impl<T: Transform> ErasedTransform for Whole<T> {
    fn apply(&mut self, record: &mut Record) -> Result<bool> {
        let empty = Record::new(&record.topic);
        let transformed = self.0.apply(mem::replace(record, empty))?;
        let is_kept = transformed.is_some();
        if let Some(transformed) = transformed {
            *record = transformed;
        }
        Ok(is_kept)
    }

    fn uses_timestamp(&self) -> bool {
        self.0.uses_timestamp()
    }

    fn use_metrics(&mut self, metrics: &PluginMetrics) {
        self.0.use_metrics(metrics);
    }
}

struct OfKey<T>(T);

impl<T: DataTransform> ErasedTransform for OfKey<T> {
    fn apply(&mut self, record: &mut Record) -> Result<bool> {
        let data = SchemaAndValue {
            schema: record.key_schema.take(),
            value: mem::take(&mut record.key),
        };
        SchemaAndValue {
            schema: record.key_schema,
            value: record.key,
        } = self.0.apply(data, record)?;
        Ok(true)
    }

    fn uses_timestamp(&self) -> bool {
        self.0.uses_timestamp()
    }

    fn use_metrics(&mut self, metrics: &PluginMetrics) {
        self.0.use_metrics(metrics);
    }
}

struct OfValue<T>(T);

impl<T: DataTransform> ErasedTransform for OfValue<T> {
    fn apply(&mut self, record: &mut Record) -> Result<bool> {
        let data = SchemaAndValue {
            schema: record.value_schema.take(),
            value: mem::take(&mut record.value),
        };
        SchemaAndValue {
            schema: record.value_schema,
            value: record.value,
        } = self.0.apply(data, record)?;
        Ok(true)
    }

    fn uses_timestamp(&self) -> bool {
        self.0.uses_timestamp()
    }

    fn use_metrics(&mut self, metrics: &PluginMetrics) {
        self.0.use_metrics(metrics);
    }
}

struct Test<T>(T);

impl<T: Predicate> ErasedPredicate for Test<T> {
    fn test(&mut self, record: &Record) -> Result<bool> {
        self.0.test(record)
    }

    fn uses_timestamp(&self) -> bool {
        self.0.uses_timestamp()
    }

    fn use_metrics(&mut self, metrics: &PluginMetrics) {
        self.0.use_metrics(metrics);
    }
}

pub(crate) fn new_transform<T: Transform>(props: &Props) -> Result<Box<dyn ErasedTransform>> {
    Ok(Box::new(Whole(T::new(T::Config::parse(props)?)?)))
}

pub(crate) fn new_key_transform<T: DataTransform>(
    props: &Props,
) -> Result<Box<dyn ErasedTransform>> {
    Ok(Box::new(OfKey(T::new(T::Config::parse(props)?)?)))
}

pub(crate) fn new_value_transform<T: DataTransform>(
    props: &Props,
) -> Result<Box<dyn ErasedTransform>> {
    Ok(Box::new(OfValue(T::new(T::Config::parse(props)?)?)))
}

pub(crate) fn new_predicate<T: Predicate>(props: &Props) -> Result<Box<dyn ErasedPredicate>> {
    Ok(Box::new(Test(T::new(T::Config::parse(props)?)?)))
}
