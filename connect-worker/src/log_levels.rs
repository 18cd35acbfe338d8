//! Which log lines are written: a level for each logger, to be changed while the worker runs.
//!
//! A logger is a target of `tracing` with dots in place of `::`; it is known once something has
//! been logged under it or its level has been set, and so are classes of the reference that stand for
//! a part of this program. One without a level of its own follows the nearest logger above it, then
//! the loggers of the reference that stand for the same work, at last `root`.

mod java_names;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Context;

/// The logger above all others, in any case.
pub const ROOT: &str = "root";

/// How much is logged, by the names of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Nothing.
    Off,
    /// What ends the process; nothing in this program is logged so.
    Fatal,
    /// Errors.
    Error,
    /// Warnings, too.
    Warn,
    /// Steps in the life of things, too.
    Info,
    /// What developers want to know, too.
    Debug,
    /// Everything.
    Trace,
    /// Everything.
    All,
}

impl Level {
    const EVERY: [Self; 8] = [
        Self::Off,
        Self::Fatal,
        Self::Error,
        Self::Warn,
        Self::Info,
        Self::Debug,
        Self::Trace,
        Self::All,
    ];

    /// The name of the level.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "OFF",
            Self::Fatal => "FATAL",
            Self::Error => "ERROR",
            Self::Warn => "WARN",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
            Self::Trace => "TRACE",
            Self::All => "ALL",
        }
    }

    fn filter(self) -> LevelFilter {
        match self {
            Self::Off | Self::Fatal => LevelFilter::OFF,
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace | Self::All => LevelFilter::TRACE,
        }
    }
}

impl From<LevelFilter> for Level {
    fn from(filter: LevelFilter) -> Self {
        let named = Self::EVERY.into_iter().filter(|it| *it != Self::Fatal);
        named
            .into_iter()
            .find(|it| it.filter() == filter)
            .unwrap_or(Self::All)
    }
}

/// There is no level of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such log level")]
pub struct UnknownLevel;

impl FromStr for Level {
    type Err = UnknownLevel;

    /// Names are taken in any case, with blanks around them.
    fn from_str(text: &str) -> Result<Self, UnknownLevel> {
        let is_named = |level: &Self| level.as_str().eq_ignore_ascii_case(text.trim());
        Self::EVERY.into_iter().find(is_named).ok_or(UnknownLevel)
    }
}

/// A logger as clients are shown it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoggerLevel {
    /// The level that counts.
    pub level: Level,
    /// When it was last changed by a client, in milliseconds since 1970.
    pub last_modified: Option<i64>,
}

/// The levels of all loggers; cheap to clone.
#[derive(Clone, Debug)]
pub struct LogLevels(Arc<Mutex<Table>>);

impl LogLevels {
    /// Levels as a user wrote them.
    #[must_use]
    pub fn new(levels: &Targets) -> Self {
        let root = levels.default_level().unwrap_or(LevelFilter::OFF).into();
        let named = levels
            .iter()
            .map(|(target, level)| (dotted(target), Logger::at(level.into())));
        let table = Table {
            root: Logger::at(root),
            named: named.collect(),
        };
        Self(Arc::new(Mutex::new(table)))
    }

    /// Every known logger that logs anything, by name.
    #[must_use]
    pub fn all(&self) -> BTreeMap<String, LoggerLevel> {
        let table = self.lock();
        let names = table.names().into_iter();
        let shown = names.map(|name| (table.shown(&name), name));
        shown
            .filter(|(it, _)| it.level != Level::Off)
            .map(|(it, name)| (name, it))
            .collect()
    }

    /// One logger; `None` if it is not known.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<LoggerLevel> {
        let table = self.lock();
        let is_known = || table.named.contains_key(name) || java_names::class_part(name).is_some();
        (is_root(name) || is_known()).then(|| table.shown(name))
    }

    /// Sets the level of a logger and of those below it; returns the loggers for which that made a
    /// difference.
    #[must_use]
    pub fn set(&self, name: &str, level: Level) -> Vec<String> {
        let changed = self
            .lock()
            .set(name, level, Timestamp::now().as_millisecond());
        // Every place that logs remembers whether it does. The lock is free again: they ask anew.
        tracing::callsite::rebuild_interest_cache();
        changed
    }

    fn admits(&self, metadata: &Metadata<'_>) -> bool {
        let name = dotted(metadata.target());
        let mut table = self.lock();
        table.named.entry(name.clone()).or_default();
        // Spans give lines their context at every level.
        metadata.is_span() || *metadata.level() <= table.effective(&name).filter()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // Nothing that holds the lock can leave the table half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Subscriber> Layer<S> for LogLevels {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        match self.admits(metadata) {
            true => Interest::always(),
            false => Interest::never(),
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.admits(metadata)
    }
}

#[derive(Debug)]
struct Table {
    root: Logger,
    named: BTreeMap<String, Logger>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Logger {
    /// Its own level, if it has one.
    own: Option<Level>,
    last_modified: Option<i64>,
}

impl Logger {
    fn at(level: Level) -> Self {
        Self {
            own: Some(level),
            last_modified: None,
        }
    }
}

impl Table {
    fn names(&self) -> Vec<String> {
        self.named
            .keys()
            .cloned()
            .chain([ROOT.to_owned()])
            .collect()
    }

    fn logger_mut(&mut self, name: &str) -> &mut Logger {
        match is_root(name) {
            true => &mut self.root,
            false => self.named.entry(name.to_owned()).or_default(),
        }
    }

    fn shown(&self, name: &str) -> LoggerLevel {
        let logger = if is_root(name) {
            Some(&self.root)
        } else {
            self.named.get(name)
        };
        LoggerLevel {
            level: self.effective(name),
            last_modified: logger.and_then(|it| it.last_modified),
        }
    }

    fn effective(&self, name: &str) -> Level {
        let own = self.nearest(name).map(|(_, level)| level);
        let followed = || {
            let nearest = java_names::followed(name).filter_map(|it| self.nearest(it));
            let nearest = nearest.max_by_key(|(above, _)| above.len());
            nearest.map(|(_, level)| level)
        };
        let part = || java_names::class_part(name).map(|it| self.effective(it));
        own.or_else(followed)
            .or_else(part)
            .or(self.root.own)
            .unwrap_or(Level::Off)
    }

    /// The nearest logger with a level of its own: this one or one above it.
    fn nearest<'a>(&self, name: &'a str) -> Option<(&'a str, Level)> {
        let above = std::iter::successors(Some(name), |it| it.rsplit_once('.').map(|(it, _)| it));
        let mut own = above.filter_map(|it| Some((it, self.named.get(it)?.own?)));
        own.next()
    }

    fn set(&mut self, name: &str, level: Level, now: i64) -> Vec<String> {
        self.logger_mut(name);
        let below = format!("{name}.");
        let mut addressed = self.names();
        addressed.retain(|it| {
            // The reference compares loggers with a level of their own letter by letter.
            let has_own = || self.named.get(it).is_some_and(|it| it.own.is_some());
            is_root(name)
                || it == name
                || it.starts_with(&below)
                || it.starts_with(name) && has_own()
        });
        let before: Vec<_> = addressed.iter().map(|it| self.effective(it)).collect();
        for logger in addressed.iter().filter(|it| *it != name) {
            let logger = self.logger_mut(logger);
            logger.own = logger.own.map(|_| level);
        }
        self.logger_mut(name).own = Some(level);

        let mut changed = Vec::new();
        for (logger, before) in addressed.into_iter().zip(before) {
            if before == Level::Off || before != self.effective(&logger) {
                self.logger_mut(&logger).last_modified = Some(now);
                changed.push(logger);
            }
        }
        changed.sort();
        changed
    }
}

fn is_root(name: &str) -> bool {
    name.eq_ignore_ascii_case(ROOT)
}

fn dotted(target: &str) -> String {
    target.replace("::", ".")
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(text: &str) -> LogLevels {
        LogLevels::new(&text.parse().unwrap())
    }

    #[track_caller]
    fn check(levels: &LogLevels, expected: &[(&str, Level)]) {
        let all = levels.all();
        let all: Vec<_> = all
            .iter()
            .map(|(name, it)| (name.as_str(), it.level))
            .collect();
        assert_eq!(all, expected);
    }

    #[test]
    fn levels_have_the_names_of_the_reference() {
        assert_eq!(" info".parse(), Ok(Level::Info));
        assert_eq!("Fatal".parse(), Ok(Level::Fatal));
        assert_eq!("ALL".parse(), Ok(Level::All));
        assert_eq!("".parse::<Level>(), Err(UnknownLevel));
        assert_eq!("loud".parse::<Level>(), Err(UnknownLevel));
    }

    #[test]
    fn loggers_are_those_that_the_user_named() {
        check(
            &levels("warn,a::b=debug,c=off"),
            &[("a.b", Level::Debug), ("root", Level::Warn)],
        );
        check(&levels("a=info"), &[("a", Level::Info)]);
    }

    #[test]
    fn loggers_follow_the_nearest_one_above() {
        let levels = levels("info,a=warn");
        for target in ["a::b", "ab", "a::b::c"] {
            levels.lock().named.entry(dotted(target)).or_default();
        }

        assert_eq!(levels.set("a.b", Level::Trace), ["a.b", "a.b.c"]);

        check(
            &levels,
            &[
                ("a", Level::Warn),
                ("a.b", Level::Trace),
                ("a.b.c", Level::Trace),
                ("ab", Level::Info),
                ("root", Level::Info),
            ],
        );
        assert_eq!(levels.set("a.b", Level::Trace), [""; 0]);
        assert!(levels.get("a.b.c").unwrap().last_modified.is_some());
        assert_eq!(levels.get("ab").unwrap().last_modified, None);
    }

    #[test]
    fn levels_of_their_own_are_overwritten_by_the_start_of_their_name() {
        let levels = levels("info,ab=warn,b=error");

        assert_eq!(levels.set("a", Level::Debug), ["a", "ab"]);
        assert_eq!(levels.set("ROOT", Level::Error), ["a", "ab", "root"]);
        check(
            &levels,
            &[
                ("a", Level::Error),
                ("ab", Level::Error),
                ("b", Level::Error),
                ("root", Level::Error),
            ],
        );
    }

    #[test]
    fn a_logger_that_was_off_is_always_told() {
        let levels = levels("info,a=off");

        assert_eq!(levels.set("a", Level::Off), ["a"]);
        assert_eq!(levels.get("a").map(|it| it.level), Some(Level::Off));
        assert_eq!(levels.get("b"), None);
        assert_eq!(levels.get("Root").map(|it| it.level), Some(Level::Info));
    }

    #[test]
    fn parts_follow_the_loggers_of_the_reference() {
        let levels = levels("info,connect_worker::rest=warn");
        for part in ["connect_worker.worker.sink", "connect_kafka.client"] {
            levels.lock().named.entry(part.to_owned()).or_default();
        }
        let java = "org.apache.kafka.connect";

        assert_eq!(levels.set(java, Level::Debug), [java]);
        let sinks = "org.apache.kafka.connect.runtime.WorkerSinkTask";
        assert_eq!(levels.set(sinks, Level::Error), [sinks]);

        let level = |name| levels.lock().effective(name);
        assert_eq!(level("connect_worker.herder"), Level::Debug);
        assert_eq!(level("connect_worker.worker.sink.commit"), Level::Error);
        assert_eq!(levels.get(sinks).map(|it| it.level), Some(Level::Error));
        // What was said of the part itself counts first.
        assert_eq!(level("connect_worker.rest.routes"), Level::Warn);
        assert_eq!(level("connect_kafka.client"), Level::Info);
    }

    #[test]
    fn classes_of_the_reference_have_the_level_of_their_part() {
        let levels = levels("info,connect_worker::worker::sink=warn");
        let level = |name: &str| levels.get(name).map(|it| it.level);
        let runtime = "org.apache.kafka.connect.runtime";

        assert_eq!(
            level(&format!("{runtime}.WorkerSinkTask")),
            Some(Level::Warn)
        );
        assert_eq!(level(&format!("{runtime}.Worker")), Some(Level::Info));
        // A package is no logger until somebody sets it, and others are not known.
        assert_eq!(level(runtime), None);
        assert_eq!(level(&format!("{runtime}.Nothing")), None);
        assert!(!levels.all().contains_key(&format!("{runtime}.Worker")));
    }

    #[test]
    fn a_change_counts_for_what_is_logged_from_then_on() {
        use tracing_subscriber::layer::SubscriberExt;

        let levels = levels("warn");
        let name = "connect_worker.log_levels.tests";
        let is_logged = || tracing::enabled!(tracing::Level::DEBUG);

        tracing::subscriber::with_default(
            tracing_subscriber::registry().with(levels.clone()),
            || {
                assert!(!is_logged());
                assert_eq!(levels.get(name).map(|it| it.level), Some(Level::Warn));
                assert_eq!(levels.set(name, Level::Debug), [name]);
                assert!(is_logged());
            },
        );
    }
}
