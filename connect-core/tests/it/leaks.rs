//! The conformance suite finds connectors that show their secrets.

use std::fmt;
use std::panic::catch_unwind;

use connect_core::config::Props;
use connect_core::error::panic_text;
use connect_core::prelude::*;
use connect_core::testing::conformance::{DebugFn, NotShown as _, Shown, sink, source};

/// How the secret gets out.
#[derive(Clone, Copy, Debug, PartialEq, ConfigEnum)]
enum Leak {
    /// It does not.
    None,
    /// In a message about the configuration.
    Check,
    /// In the error of a start.
    Start,
    /// In the error of a poll or put.
    Work,
}

/// Where to log in.
#[derive(ConnectorConfig)]
#[config(check = LeakyConfig::check)]
struct LeakyConfig {
    /// Password, such as `opensesame`.
    password: Secret,
    /// How it gets out.
    #[config(default = "none")]
    leak: Leak,
}

impl LeakyConfig {
    fn check(&self, errors: &mut ConfigErrors) {
        if self.leak == Leak::Check {
            let password = self.password.expose();
            errors.add("password", format_args!("`{password}` is too simple"));
        }
    }

    fn leak(&self, place: Leak) -> Result<()> {
        match self.leak == place {
            true => Err(ConnectError::fatal("cannot log in")
                .caused_by(ConnectError::fatal(self.password.expose().to_owned()))),
            false => Ok(()),
        }
    }
}

/// Shows what it must not.
impl fmt::Debug for LeakyConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.password.expose())
    }
}

/// Reads nothing.
#[source_connector]
struct LeakySource(LeakyConfig);

#[source_task]
impl SourceTask for LeakySource {
    type Config = LeakyConfig;

    async fn start(config: LeakyConfig, _: SourceContext<Self>) -> Result<Self> {
        config.leak(Leak::Start)?;
        Ok(Self(config))
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        self.0.leak(Leak::Work)?;
        Ok(Vec::new())
    }
}

/// Writes nothing.
#[sink_connector]
struct LeakySink(LeakyConfig);

#[sink_task]
impl SinkTask for LeakySink {
    type Config = LeakyConfig;

    async fn start(config: LeakyConfig, _: SinkContext) -> Result<Self> {
        config.leak(Leak::Start)?;
        Ok(Self(config))
    }

    async fn put(&mut self, _: Vec<SinkRecord>) -> Result<()> {
        self.0.leak(Leak::Work)
    }
}

/// Why a source and a sink with this configuration do not pass; nothing if they do.
#[track_caller]
fn check(props: &[(&str, &str)], debug: DebugFn<LeakyConfig>, expected: Option<&str>) {
    let sample = || Props::from_iter(props.iter().copied()).into();
    let outcomes = [
        catch_unwind(|| source::no_text_shows_a_secret::<LeakySource>(&sample(), debug)),
        catch_unwind(|| sink::no_text_shows_a_secret::<LeakySink>(&sample(), debug)),
    ];
    for outcome in outcomes {
        let panicked = outcome.err();
        let said = panicked.as_ref().map(|it| panic_text(it.as_ref()));
        match (said, expected) {
            (None, None) => {}
            (Some(said), Some(expected)) => assert!(said.contains(expected), "{said}"),
            (said, expected) => panic!("{said:?} instead of {expected:?}"),
        }
    }
}

const GOOD: (&str, &str) = ("password", "sesame-street");

#[test]
fn a_connector_that_keeps_its_secret_passes() {
    check(&[GOOD], None, None);
}

#[test]
fn every_way_out_is_found() {
    check(&[GOOD, ("leak", "check")], None, Some("a validation shows"));
    check(
        &[GOOD, ("leak", "start")],
        None,
        Some("an error of the task shows"),
    );
    check(
        &[GOOD, ("leak", "work")],
        None,
        Some("an error of the task shows"),
    );
    let debug = Shown::<LeakyConfig>::new().debug();
    check(
        &[GOOD],
        debug,
        Some("`Debug` form of the configuration shows"),
    );
    check(
        &[("password", "opensesame")],
        None,
        Some("the documentation shows a secret"),
    );
}

#[test]
fn types_without_a_debug_form_have_none_to_check() {
    struct Silent;

    assert!(Shown::<Silent>::new().debug().is_none());
    assert!(Shown::<LeakyConfig>::new().debug().is_some());
}

/// Where to read.
#[derive(Debug, ConnectorConfig)]
struct RemoteConfig {
    /// Where.
    #[config(default = "somewhere")]
    address: String,
}

/// Reads from somewhere.
#[source_connector]
struct RemoteSource(RemoteConfig);

#[source_task]
impl SourceTask for RemoteSource {
    type Config = RemoteConfig;

    async fn start(config: RemoteConfig, _: SourceContext<Self>) -> Result<Self> {
        match config.address.as_str() {
            "nowhere" => Err(ConnectError::config("nobody is at `nowhere`")),
            "lost" => Err(ConnectError::config("something is wrong")),
            _ => Ok(Self(config)),
        }
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        match self.0.address.as_str() {
            "gone" => Err(ConnectError::fatal("nobody answers (`address`)")),
            _ => Ok(Vec::new()),
        }
    }
}

#[test]
fn a_place_where_nobody_is_has_to_be_named() {
    let check = |value| {
        let place = ("address", value);
        let sample = Props::new().into();
        source::a_place_where_nobody_is_fails_by_name::<RemoteSource>(&sample, place);
    };

    check("nowhere");
    check("gone");
    assert!(catch_unwind(|| check("lost")).is_err());
}
