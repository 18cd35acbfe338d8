//! The translation of one set of settings, while it is under way.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::{
    ClientSettings, Untranslated,
    rule::{CONSUMER, How, Number, PRODUCER, Roles},
    security::{self, Stores},
    table,
};
use crate::error::{KafkaError, Result};

/// Settings in the engine's words, and what this crate itself has to know.
pub(crate) struct Translated {
    pub(crate) engine: BTreeMap<&'static str, String>,
    pub(crate) untranslated: Vec<Untranslated>,
    pub(crate) bootstrap: String,
    pub(crate) client_id: String,
    /// `None` waits for ever.
    pub(crate) max_block: Option<Duration>,
    pub(crate) max_poll_records: usize,
    pub(crate) metadata_max_age: Duration,
    pub(crate) exclude_internal_topics: bool,
    /// What an encrypted connection needs besides.
    pub(crate) stores: Stores,
}

impl Translated {
    /// Whether keys decide where records go.
    pub(crate) fn places_records(&self) -> bool {
        let partitioner = self.engine.get("partitioner");
        partitioner.is_some_and(|it| it == BY_KEY)
    }
}

impl fmt::Debug for Translated {
    /// Without values, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Translated")
            .field("client_id", &self.client_id)
            .field("engine", &self.engine.keys())
            .finish_non_exhaustive()
    }
}

/// How many records a poll returns at most, unless `max.poll.records` says so: many, because a batch costs less
/// per record the larger it is, but so few that all that is made of them stays in the processor's cache. Java's 500 is
/// a habit, not a promise.
const MAX_POLL_RECORDS: i64 = 2_000;

/// Engine's settings that differ from its own defaults: either Java's default, or what measurements taught.
const COMMON_DEFAULTS: &[(&str, &str)] = &[
    ("connections.max.idle.ms", "540000"),
    ("log.connection.close", "false"),
    ("reconnect.backoff.max.ms", "1000"),
    ("reconnect.backoff.ms", "50"),
    ("socket.connection.setup.timeout.ms", "10000"),
    ("socket.timeout.ms", "30000"),
];

/// How often a client tells of itself: seldom enough to cost nothing, often enough to see it stand still.
const STATISTICS_INTERVAL: &str = "5000";

/// Defaults of the engine and of Java.
const SESSION_TIMEOUT: i64 = 45_000;
const HEARTBEAT_INTERVAL: i64 = 3_000;

/// Java's default.
const REQUEST_TIMEOUT: i64 = 30_000;

/// Places keys where Java's default partitioner does.
const BY_KEY: &str = "murmur2_random";

const PRODUCER_DEFAULTS: &[(&str, &str)] = &[
    ("delivery.timeout.ms", "120000"),
    ("linger.ms", "5"),
    ("max.in.flight.requests.per.connection", "5"),
    ("message.max.bytes", "1048576"),
    ("partitioner", BY_KEY),
    ("queue.buffering.max.kbytes", "16384"),
    ("queue.buffering.max.messages", "43690"),
    ("statistics.interval.ms", STATISTICS_INTERVAL),
    // Where records without a key stay is decided by a callback.
    ("sticky.partitioning.linger.ms", "0"),
];

const CONSUMER_DEFAULTS: &[(&str, &str)] = &[
    ("allow.auto.create.topics", "true"),
    ("check.crcs", "true"),
    // Committing is the caller's decision; unlike in Java it has to be asked for.
    ("enable.auto.commit", "false"),
    // With a full queue the engine would sleep for a second at a time.
    ("fetch.queue.backoff.ms", "5"),
    // Of all partitions together. Java allows 50 MiB, but what comes in one answer is held beside what waits.
    ("fetch.max.bytes", "4194304"),
    ("isolation.level", "read_uncommitted"),
    ("max.poll.interval.ms", "300000"),
    ("partition.assignment.strategy", "range"),
    // What waits for a task. A record takes half a kilobyte beside its data, so short ones are bounded by number:
    // as many as a task takes in some hundredths of a second, before which the next fetch is there.
    ("queued.max.messages.kbytes", "16384"),
    ("queued.min.messages", "25000"),
    ("statistics.interval.ms", STATISTICS_INTERVAL),
];

/// Labels for metrics reporters: every client takes them, and without a reporter they mean nothing.
const REPORTER_LABELS: &str = "metrics.context.";

/// Name of the group of a consumer that has none; nothing is ever stored under it.
const NO_GROUP: &str = "connect-kafka-no-group";

/// A translation under way.
pub(crate) struct Draft<'a> {
    settings: &'a ClientSettings,
    role: Roles,
    engine: BTreeMap<&'static str, String>,
    untranslated: Vec<Untranslated>,
}

/// Translates the settings of one client.
pub(crate) fn translate(settings: &ClientSettings, role: Roles) -> Result<Translated> {
    let mut draft = Draft {
        settings,
        role,
        engine: BTreeMap::new(),
        untranslated: Vec::new(),
    };
    draft.defaults();
    for (key, value) in settings.iter() {
        draft.translate(key, value.trim())?;
    }
    if settings.get("bootstrap.servers").is_none() {
        return Err(KafkaError::config(
            "Missing required configuration \"bootstrap.servers\" which has no default value.",
        ));
    }
    draft.reconcile()?;
    security::reconcile_login(&mut draft)?;
    let stores = security::stores(&mut draft)?;
    draft.finish(stores)
}

impl Draft<'_> {
    fn defaults(&mut self) {
        let own = if self.role == PRODUCER {
            PRODUCER_DEFAULTS
        } else if self.role == CONSUMER {
            CONSUMER_DEFAULTS
        } else {
            &[]
        };
        for (key, value) in COMMON_DEFAULTS.iter().chain(own) {
            self.put(key, *value);
        }
    }

    fn translate(&mut self, key: &str, value: &str) -> Result<()> {
        if key.starts_with(REPORTER_LABELS) {
            return Ok(());
        }
        let Some(rule) = table::find(key, self.role) else {
            self.untranslated.push(Untranslated {
                key: key.to_owned(),
                value: value.to_owned(),
                reason: "it is not a setting of this client".to_owned(),
                is_client_setting: false,
            });
            return Ok(());
        };
        match &rule.how {
            How::Number(number) => self.number(rule.key, value, number)?,
            How::Flag(to) => {
                let flag = parse_flag(rule.key, value)?;
                self.put(to, flag.to_string());
            }
            How::Text(to) => self.put(to, value),
            How::Choice(to, choices) => {
                let engine = parse_choice(rule.key, value, choices)?;
                self.put(to, engine);
            }
            How::Special(apply) => apply(self, value)?,
            How::Here => {}
            How::None(reason) => self.report(rule.key, *reason),
        }
        Ok(())
    }

    pub(crate) fn number(&mut self, key: &'static str, value: &str, number: &Number) -> Result<()> {
        let parsed = parse_number(key, value, number.java_type)?;
        if !number.java.contains(&parsed) {
            let reason = match parsed < *number.java.start() {
                true => format!("Value must be at least {}", number.java.start()),
                false => format!("Value must be no more than {}", number.java.end()),
            };
            return Err(invalid(key, value, &reason));
        }
        match number.minus_one {
            Some(replacement) if parsed == -1 => self.put(number.to, replacement),
            Some(_) | None => {
                let limited =
                    self.limited(key, parsed, *number.engine.start(), *number.engine.end());
                self.put(number.to, limited.to_string());
            }
        }
        Ok(())
    }

    /// The value within the engine's range, reported if that changes it.
    pub(crate) fn limited(&mut self, key: &'static str, value: i64, min: i64, max: i64) -> i64 {
        let limited = value.clamp(min, max);
        // "For ever" and "the largest number the engine knows" are the same to anybody who waits.
        let is_for_ever = value == i64::MAX && max == i64::from(i32::MAX);
        if limited != value && !is_for_ever {
            self.report(
                key,
                format!("{limited} is used instead, the nearest value this client supports"),
            );
        }
        limited
    }

    /// Settings that depend on each other.
    fn reconcile(&mut self) -> Result<()> {
        // As in Java a longest wait below the first one means nothing.
        let first = self
            .engine_number("reconnect.backoff.ms")
            .unwrap_or_default();
        self.raise("reconnect.backoff.max.ms", first);
        if self.role == PRODUCER {
            self.default_idempotence();
            self.fit_delivery_timeout()?;
            if self.engine.contains_key("transactional.id") {
                self.limit_to_transaction("delivery.timeout.ms", "delivery.timeout.ms");
                self.limit_to_transaction("request.timeout.ms", "socket.timeout.ms");
            }
        }
        if self.role == CONSUMER {
            // The engine does not read anything without a group's name, not even by hand.
            self.engine
                .entry("group.id")
                .or_insert_with(|| NO_GROUP.to_owned());
            // The engine insists that a fetch can hold the largest message.
            if let Some(bytes) = self.engine_number("fetch.max.bytes") {
                self.put("message.max.bytes", bytes.min(1_000_000).to_string());
            }
            if self
                .engine
                .get("group.protocol")
                .is_some_and(|it| it == "consumer")
            {
                self.engine.remove("partition.assignment.strategy");
            }
            self.check_group()?;
            let key = "max.poll.interval.ms";
            let session = self.session_timeout();
            if self.raise(key, session) && self.settings.get(key).is_some() {
                self.report(
                    key,
                    format!("{session} is used instead, the value of session.timeout.ms"),
                );
            }
        }
        Ok(())
    }

    /// Lets a number be no less than another one, as the engine wants it. `true` if that changes it.
    fn raise(&mut self, key: &'static str, least: i64) -> bool {
        let is_less = self.engine_number(key).is_some_and(|it| it < least);
        if is_less {
            self.put(key, least.to_string());
        }
        is_less
    }

    fn engine_number(&self, key: &str) -> Option<i64> {
        self.engine.get(key).and_then(|it| it.parse().ok())
    }

    /// What Java refuses of a member of a group.
    fn check_group(&self) -> Result<()> {
        let has_name = self
            .engine
            .get("group.id")
            .is_some_and(|it| !it.trim().is_empty());
        let heartbeat = self.engine_number("heartbeat.interval.ms");
        let protocol = self.engine.get("group.protocol");
        if !has_name {
            return Err(KafkaError::config(
                "The configured group.id should not be an empty string or whitespace.",
            ));
        }
        if protocol.is_none_or(|it| it == "classic")
            && heartbeat.unwrap_or(HEARTBEAT_INTERVAL) >= self.session_timeout()
        {
            return Err(KafkaError::config(
                "Heartbeat must be set lower than the session timeout",
            ));
        }
        Ok(())
    }

    fn session_timeout(&self) -> i64 {
        self.engine_number("session.timeout.ms")
            .unwrap_or(SESSION_TIMEOUT)
    }

    /// Java's rule: on, unless it was not asked for and another setting stands against it.
    fn default_idempotence(&mut self) {
        let is_at = |key: &str, accept: fn(i64) -> bool| {
            self.engine
                .get(key)
                .and_then(|it| it.parse().ok())
                .is_none_or(accept)
        };
        let is_possible = is_at("acks", |acks| acks == -1)
            && is_at("retries", |retries| retries > 0)
            && is_at("max.in.flight.requests.per.connection", |requests| {
                requests <= 5
            });
        self.engine
            .entry("enable.idempotence")
            .or_insert_with(|| is_possible.to_string());
    }

    /// Java's rule: a delivery takes at least as long as waiting for more records and one request.
    fn fit_delivery_timeout(&mut self) -> Result<()> {
        let key = "delivery.timeout.ms";
        let request = self.other("request.timeout.ms");
        let request = request
            .and_then(|it| it.parse().ok())
            .unwrap_or(REQUEST_TIMEOUT);
        let linger = self.engine_number("linger.ms").unwrap_or_default();
        let least = (linger + request).min(i64::from(i32::MAX));
        match self.raise(key, least) && self.settings.get(key).is_some() {
            true => Err(KafkaError::config(format!(
                "{key} should be equal to or larger than linger.ms + request.timeout.ms"
            ))),
            false => Ok(()),
        }
    }

    fn limit_to_transaction(&mut self, key: &'static str, to: &'static str) {
        let read =
            |it: Option<&String>, default| it.and_then(|it| it.parse().ok()).unwrap_or(default);
        let transaction: i64 = read(self.engine.get("transaction.timeout.ms"), 60_000);
        let value: i64 = read(self.engine.get(to), 0);
        if value > transaction {
            if self.settings.get(key).is_some() {
                self.report(
                    key,
                    format!("{transaction} is used instead, the value of transaction.timeout.ms"),
                );
            }
            self.put(to, transaction.to_string());
        }
    }

    fn finish(self, stores: Stores) -> Result<Translated> {
        let max_block = match self
            .settings
            .get("max.block.ms")
            .filter(|_| self.role == PRODUCER)
        {
            Some(value) => parse_at_least("max.block.ms", value, "LONG", 0)?,
            None => 60_000,
        };
        let max_poll_records = match self
            .settings
            .get("max.poll.records")
            .filter(|_| self.role == CONSUMER)
        {
            Some(value) => parse_at_least("max.poll.records", value, "INT", 1)?,
            None => MAX_POLL_RECORDS,
        };
        let exclude_internal_topics = match self.settings.get("exclude.internal.topics") {
            Some(value) => parse_flag("exclude.internal.topics", value)?,
            None => true,
        };
        let metadata_max_age = self
            .engine
            .get("topic.metadata.refresh.interval.ms")
            .and_then(|it| it.parse().ok())
            .unwrap_or(300_000);
        Ok(Translated {
            bootstrap: self
                .settings
                .get("bootstrap.servers")
                .unwrap_or_default()
                .to_owned(),
            client_id: self
                .settings
                .get("client.id")
                .unwrap_or("rdkafka")
                .to_owned(),
            max_block: (max_block != i64::MAX)
                .then(|| Duration::from_millis(max_block.unsigned_abs())),
            max_poll_records: usize::try_from(max_poll_records).unwrap_or(usize::MAX),
            metadata_max_age: Duration::from_millis(metadata_max_age),
            exclude_internal_topics,
            stores,
            engine: self.engine,
            untranslated: self.untranslated,
        })
    }

    /// Sets a value for the engine.
    pub(crate) fn put(&mut self, key: &'static str, value: impl Into<String>) {
        self.engine.insert(key, value.into());
    }

    /// Whether a value is set for the engine.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.engine.contains_key(key)
    }

    /// Takes back what was set for the engine under keys with this prefix.
    pub(crate) fn forget(&mut self, prefix: &str) {
        self.engine.retain(|key, _| !key.starts_with(prefix));
    }

    /// Another Java setting of the same client, trimmed.
    pub(crate) fn other(&self, key: &str) -> Option<&str> {
        self.settings.get(key).map(str::trim)
    }

    /// Whether this is a producer's translation.
    pub(crate) fn is_producer(&self) -> bool {
        self.role == PRODUCER
    }

    /// Reports that `key` has no effect, or another one than asked for.
    pub(crate) fn report(&mut self, key: &str, reason: impl Into<String>) {
        self.untranslated.push(Untranslated {
            key: key.to_owned(),
            value: self.settings.get(key).unwrap_or_default().to_owned(),
            reason: reason.into(),
            is_client_setting: true,
        });
    }
}

/// The error for a value that Java's client would refuse too, in Java's words.
pub(crate) fn invalid(key: &str, value: &str, reason: &str) -> KafkaError {
    KafkaError::config(format!(
        "Invalid value {value} for configuration {key}: {reason}"
    ))
}

pub(crate) fn parse_number(key: &str, value: &str, java_type: &str) -> Result<i64> {
    let not_a_number = || invalid(key, value, &format!("Not a number of type {java_type}"));
    let parsed: i64 = value.trim().parse().map_err(|_| not_a_number())?;
    if java_type == "INT" && i32::try_from(parsed).is_err() {
        return Err(not_a_number());
    }
    Ok(parsed)
}

fn parse_at_least(key: &str, value: &str, java_type: &str, min: i64) -> Result<i64> {
    let parsed = parse_number(key, value, java_type)?;
    match parsed < min {
        true => Err(invalid(
            key,
            value,
            &format!("Value must be at least {min}"),
        )),
        false => Ok(parsed),
    }
}

pub(crate) fn parse_flag(key: &str, value: &str) -> Result<bool> {
    if value.trim().eq_ignore_ascii_case("true") {
        Ok(true)
    } else if value.trim().eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(invalid(
            key,
            value,
            "Expected value to be either true or false",
        ))
    }
}

pub(crate) fn parse_choice(
    key: &str,
    value: &str,
    choices: &[(&'static str, &'static str)],
) -> Result<&'static str> {
    let chosen = choices
        .iter()
        .find(|(java, _)| java.eq_ignore_ascii_case(value));
    let Some((_, engine)) = chosen else {
        let names: Vec<&str> = choices.iter().map(|(java, _)| *java).collect();
        return Err(invalid(
            key,
            value,
            &format!("String must be one of: {}", names.join(", ")),
        ));
    };
    Ok(engine)
}
