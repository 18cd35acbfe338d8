//! Metrics that plugins register with the worker.
//!
//! Each instance of a plugin has a [`PluginMetrics`] of its own. What it registers carries the
//! tags of the instance and is gone when the instance ends.
//!
//! ```
//! use std::sync::Arc;
//! use connect_core::metrics::{MetricsRegistry, PluginMetrics};
//!
//! let registry = Arc::new(MetricsRegistry::default());
//! let metrics = PluginMetrics::new(&registry, &[("connector", "orders"), ("task", "0")]);
//!
//! let rows = metrics.counter("rows-read", "Rows that were read.")?;
//! rows.add(3);
//!
//! let values = registry.snapshot();
//! assert_eq!((values[0].name.as_str(), values[0].value), ("rows-read", 3.0));
//! metrics.close();
//! assert!(registry.snapshot().is_empty());
//! # Ok::<(), connect_core::ConnectError>(())
//! ```

mod sensor;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::{ConnectError, Result};

pub use sensor::Sensor;

/// Names and values, in order.
type Tags = Vec<(String, String)>;

/// The metrics of one instance of a plugin. Cheap to clone, and good on any thread.
#[derive(Clone)]
pub struct PluginMetrics {
    registry: Arc<MetricsRegistry>,
    instance: Arc<Instance>,
    /// Tags beyond those of the instance.
    tags: Tags,
}

#[derive(Debug)]
struct Instance {
    tags: Tags,
    is_closed: AtomicBool,
}

impl PluginMetrics {
    /// Metrics of an instance with these tags; made by whoever runs the plugin.
    #[must_use]
    pub fn new(registry: &Arc<MetricsRegistry>, tags: &[(&str, &str)]) -> Self {
        let instance = Instance {
            tags: owned(tags),
            is_closed: AtomicBool::new(false),
        };
        Self {
            registry: Arc::clone(registry),
            instance: Arc::new(instance),
            tags: Vec::new(),
        }
    }

    /// The same metrics with more tags on what is registered through them.
    ///
    /// # Errors
    /// When one of them is a tag of the instance.
    pub fn with_tags(&self, tags: &[(&str, &str)]) -> Result<Self> {
        for (name, _) in tags {
            if self.instance.tags.iter().any(|(taken, _)| taken == name) {
                return Err(ConnectError::fatal(format_args!(
                    "Cannot use {name} as a tag name"
                )));
            }
        }
        let mut more = self.clone();
        more.tags.extend(owned(tags));
        Ok(more)
    }

    /// Registers a number that only grows.
    ///
    /// # Errors
    /// When the name is taken, or the instance has ended.
    pub fn counter(&self, name: &str, description: &str) -> Result<Counter> {
        let counter = Counter(Arc::default());
        self.register(name, description, Source::Counter(counter.clone()))?;
        Ok(counter)
    }

    /// Registers a number that goes up and down.
    ///
    /// # Errors
    /// When the name is taken, or the instance has ended.
    pub fn gauge(&self, name: &str, description: &str) -> Result<Gauge> {
        let gauge = Gauge(Arc::default());
        self.register(name, description, Source::Gauge(gauge.clone()))?;
        Ok(gauge)
    }

    /// Registers measurements: how many in all, and rate, average and maximum over the last
    /// `window`. They are shown as `name-total`, `name-rate`, `name-avg` and `name-max`.
    ///
    /// # Errors
    /// When the name is taken, or the instance has ended.
    pub fn sensor(&self, name: &str, description: &str, window: Duration) -> Result<Sensor> {
        let sensor = Sensor::new(window);
        self.register(name, description, Source::Sensor(sensor.clone()))?;
        Ok(sensor)
    }

    /// Removes what is registered under a name.
    ///
    /// # Errors
    /// When there is nothing of that name, or the instance has ended.
    pub fn remove(&self, name: &str) -> Result<()> {
        self.check_open()?;
        let removed = self.registry.lock().remove(&self.id(name));
        match removed {
            Some(_) => Ok(()),
            None => Err(ConnectError::fatal(format_args!("Unknown metric {name}"))),
        }
    }

    /// Removes everything; called at the end of the instance.
    pub fn close(&self) {
        self.instance.is_closed.store(true, Ordering::Release);
        let mut metrics = self.registry.lock();
        metrics.retain(|_, metric| !Arc::ptr_eq(&metric.instance, &self.instance));
    }

    fn register(&self, name: &str, description: &str, source: Source) -> Result<()> {
        let mut metrics = self.registry.lock();
        self.check_open()?;
        let id = self.id(name);
        if metrics.contains_key(&id) {
            return Err(ConnectError::fatal(format_args!(
                "Metric {name} already exists"
            )));
        }
        let metric = Metric {
            description: description.to_owned(),
            source,
            instance: Arc::clone(&self.instance),
        };
        metrics.insert(id, metric);
        Ok(())
    }

    fn check_open(&self) -> Result<()> {
        match self.instance.is_closed.load(Ordering::Acquire) {
            true => Err(ConnectError::fatal("This PluginMetrics instance is closed")),
            false => Ok(()),
        }
    }

    fn id(&self, name: &str) -> (String, Tags) {
        let tags = self.instance.tags.iter().chain(&self.tags);
        (name.to_owned(), tags.cloned().collect())
    }
}

impl Default for PluginMetrics {
    /// Metrics that nobody reads.
    fn default() -> Self {
        Self::new(&Arc::default(), &[])
    }
}

impl fmt::Debug for PluginMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginMetrics")
            .field("tags", &self.instance.tags)
            .finish_non_exhaustive()
    }
}

fn owned(tags: &[(&str, &str)]) -> Tags {
    let tags = tags.iter();
    tags.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A number that only grows. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Counter(Arc<AtomicU64>);

impl Counter {
    /// Adds to it.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }
}

/// A number that goes up and down. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Gauge(Arc<AtomicU64>);

impl Gauge {
    /// Sets it.
    pub fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::Relaxed);
    }
}

/// All metrics of the plugins of a worker.
#[derive(Debug, Default)]
pub struct MetricsRegistry {
    metrics: Mutex<BTreeMap<(String, Tags), Metric>>,
}

#[derive(Debug)]
struct Metric {
    description: String,
    source: Source,
    instance: Arc<Instance>,
}

#[derive(Debug)]
enum Source {
    Counter(Counter),
    Gauge(Gauge),
    Sensor(Sensor),
}

/// One value of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricValue {
    /// Name of the metric.
    pub name: String,
    /// What it means.
    pub description: String,
    /// Its tags, those of the instance first.
    pub tags: Vec<(String, String)>,
    /// Whether it only grows.
    pub is_counter: bool,
    /// The value.
    pub value: f64,
}

impl MetricsRegistry {
    /// The values at this moment, in order of names and tags.
    #[must_use]
    pub fn snapshot(&self) -> Vec<MetricValue> {
        let metrics = self.lock();
        let mut values = Vec::with_capacity(metrics.len());
        for ((name, tags), metric) in &*metrics {
            let mut add = |name: String, is_counter, value| {
                values.push(MetricValue {
                    name,
                    description: metric.description.clone(),
                    tags: tags.clone(),
                    is_counter,
                    value,
                });
            };
            match &metric.source {
                Source::Counter(it) => {
                    add(name.clone(), true, as_float(it.0.load(Ordering::Relaxed)));
                }
                Source::Gauge(it) => {
                    let bits = it.0.load(Ordering::Relaxed);
                    add(name.clone(), false, f64::from_bits(bits));
                }
                Source::Sensor(it) => {
                    let figures = it.figures();
                    add(format!("{name}-total"), true, figures.total);
                    add(format!("{name}-rate"), false, figures.rate);
                    add(format!("{name}-avg"), false, figures.average);
                    add(format!("{name}-max"), false, figures.maximum);
                }
            }
        }
        values
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, Tags), Metric>> {
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a metric beyond 2^53 may be rounded"
)]
fn as_float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(registry: &MetricsRegistry) -> Vec<String> {
        let values = registry.snapshot().into_iter();
        values
            .map(|it| {
                let tags = it
                    .tags
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"));
                format!("{} {}", it.name, tags.collect::<Vec<_>>().join(","))
            })
            .collect()
    }

    #[test]
    fn an_instance_takes_its_metrics_along() {
        let registry = Arc::new(MetricsRegistry::default());
        let one = PluginMetrics::new(&registry, &[("connector", "a")]);
        let other = PluginMetrics::new(&registry, &[("connector", "b")]);
        one.gauge("lag", "How far behind.").unwrap().set(1.5);
        let tagged = one.with_tags(&[("table", "orders")]).unwrap();
        tagged.counter("rows", "Rows.").unwrap();
        other.counter("rows", "Rows.").unwrap();

        let all = [
            "lag connector=a",
            "rows connector=a,table=orders",
            "rows connector=b",
        ];
        assert_eq!(names(&registry), all);
        one.close();
        assert_eq!(names(&registry), all[2..]);
        let late = tagged.gauge("late", "").unwrap_err();
        assert_eq!(late.to_string(), "This PluginMetrics instance is closed");
    }

    #[test]
    fn names_and_tags_are_taken_once() {
        let metrics = PluginMetrics::new(&Arc::default(), &[("task", "0")]);
        metrics.counter("rows", "Rows.").unwrap();

        let refusals = [
            metrics.gauge("rows", "Rows.").unwrap_err(),
            metrics.with_tags(&[("task", "1")]).unwrap_err(),
            metrics.remove("lines").unwrap_err(),
        ];

        assert_eq!(
            refusals.map(|it| it.to_string()),
            [
                "Metric rows already exists",
                "Cannot use task as a tag name",
                "Unknown metric lines"
            ]
        );
        metrics.remove("rows").unwrap();
        metrics.gauge("rows", "Rows.").unwrap();
    }
}
