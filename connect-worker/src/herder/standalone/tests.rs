//! The herder with tasks that need no broker.

use std::num::NonZeroUsize;
use std::time::Duration;

use connect_core::config::NoConfig;
use connect_core::plugin::{PlanFn, PluginInfo, plan_single, source_plugin};
use connect_core::registry::PluginRegistry;
use connect_core::source::{Batch, SourceContext, SourceTask};
use connect_core::{ConnectError, Result};
use tempfile::TempDir;

mod instances;
mod lifecycle;

use super::*;
use crate::config::worker::{Brokers, WorkerConfig};
use crate::herder::RestartScope;
use crate::storage::offsets::OffsetCodec;
use crate::storage::offsets::file::FileOffsetStore;
use crate::storage::status::{State, Status};

const DEADLINE: Duration = Duration::from_secs(20);

/// Waits for ever.
struct Idle;

impl SourceTask for Idle {
    type Config = NoConfig;
    type Partition = ();
    type Offset = ();

    async fn start(_: NoConfig, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self)
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        std::future::pending().await
    }
}

/// Fails as soon as it is started.
struct Unstartable;

impl SourceTask for Unstartable {
    type Config = NoConfig;
    type Partition = ();
    type Offset = ();

    async fn start(_: NoConfig, _: SourceContext<Self>) -> Result<Self> {
        Err(ConnectError::fatal("no such table").caused_by(std::io::Error::other("disk full")))
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        std::future::pending().await
    }
}

/// Panics when it is polled.
struct Panicking;

impl SourceTask for Panicking {
    type Config = NoConfig;
    type Partition = ();
    type Offset = ();

    async fn start(_: NoConfig, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self)
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        panic!("index out of range in the plugin")
    }
}

/// Never ends when it is asked to.
struct Stubborn;

impl SourceTask for Stubborn {
    type Config = NoConfig;
    type Partition = ();
    type Offset = ();

    async fn start(_: NoConfig, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self)
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        std::future::pending().await
    }

    async fn stop(self) -> Result<()> {
        std::future::pending().await
    }
}

fn plan_too_many(_: &Props, props: &Props, max: NonZeroUsize) -> Result<Vec<Props>> {
    Ok(vec![props.clone(); max.get() + 1])
}

fn plan_panicking(_: &Props, _: &Props, _: NonZeroUsize) -> Result<Vec<Props>> {
    panic!("no plan")
}

const fn info(name: &'static str) -> PluginInfo {
    PluginInfo {
        name,
        aliases: &[],
        version: "1.2.3",
        documentation: "A source of a test.",
        module: module_path!(),
    }
}

fn source<T: SourceTask>(
    name: &'static str,
    plan: PlanFn,
) -> connect_core::plugin::PluginDescriptor {
    source_plugin::<T>(info(name), plan)
}

fn plugins() -> PluginRegistry {
    let linked = PluginRegistry::from_inventory().unwrap();
    let own = [
        source::<Idle>("test.IdleConnector", plan_single),
        source::<Unstartable>("test.UnstartableConnector", plan_single),
        source::<Panicking>("test.PanickingConnector", plan_single),
        source::<Stubborn>("test.StubbornConnector", plan_single),
        source::<Idle>("test.GreedyConnector", plan_too_many),
        source::<Idle>("test.UnplannedConnector", plan_panicking),
    ];
    let own = own.into_iter().chain([instances::plugin()]);
    PluginRegistry::new(linked.iter().copied().chain(own)).unwrap()
}

struct Running {
    herder: Herder,
    standalone: StandaloneHerder,
    _folder: TempDir,
}

impl Running {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With these settings, too.
    async fn with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("offsets");
        let plugins = plugins();
        let mut props = Props::from_iter([
            // Nobody listens there: clients are made and never connected.
            ("bootstrap.servers", "127.0.0.1:1"),
            ("key.converter", "StringConverter"),
            ("value.converter", "StringConverter"),
            ("offset.storage.file.filename", file.to_str().unwrap()),
            ("task.shutdown.graceful.timeout.ms", "300"),
            ("offset.flush.timeout.ms", "200"),
        ]);
        props.extend(settings.iter().copied());
        let parts = WorkerParts {
            config: WorkerConfig::parse(props, Brokers::Configured, &plugins).unwrap(),
            providers: Arc::default(),
            plugins,
            worker_id: "127.0.0.1:8083".to_owned(),
            offsets: Arc::new(FileOffsetStore::open(&file).await.unwrap()),
        };
        let (herder, standalone) = start(parts);
        Self {
            herder,
            standalone,
            _folder: folder,
        }
    }

    async fn create(
        &self,
        name: &str,
        class: &str,
        target: TargetState,
    ) -> Result<ConnectorInfo, HerderError> {
        let config = config(name, class);
        let name = name.into();
        let create = |reply| Request::Create {
            name,
            config,
            target,
            reply,
        };
        self.herder.ask(create).await
    }

    async fn put(&self, name: &str, config: Props) -> Result<PutOutcome, HerderError> {
        let name = name.into();
        let put = |reply| Request::PutConfig {
            name,
            config,
            reply,
        };
        self.herder.ask(put).await
    }

    async fn set(&self, name: &str, target: TargetState) {
        let set = |reply| Request::SetTarget(name.into(), target, reply);
        self.herder.ask(set).await.unwrap();
    }

    async fn status(&self, name: &str) -> Result<ConnectorStatus, HerderError> {
        self.herder
            .ask(|reply| Request::Status(name.into(), reply))
            .await
    }

    /// Waits until connector and tasks are in these states.
    async fn reach(&self, name: &str, connector: State, tasks: &[State]) -> ConnectorStatus {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let status = self.status(name).await.unwrap();
            let states: Vec<State> = status.tasks.iter().map(|(_, it)| it.state).collect();
            if status.connector.state == connector && states == tasks {
                return status;
            }
            assert!(Instant::now() < deadline, "last seen: {status:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn config(name: &str, class: &str) -> Props {
    Props::from_iter([
        ("name", name),
        ("connector.class", class),
        ("tasks.max", "1"),
    ])
}

fn text<T: std::fmt::Debug>(result: Result<T, HerderError>) -> String {
    result.unwrap_err().to_string()
}

#[tokio::test]
async fn a_connector_runs_with_its_tasks() {
    let running = Running::start().await;

    let created = running
        .create("a", "Idle", TargetState::Started)
        .await
        .unwrap();
    let status = running.reach("a", State::Running, &[State::Running]).await;
    let tasks = running
        .herder
        .ask(|it| Request::Tasks("a".into(), it))
        .await
        .unwrap();

    assert_eq!(
        (created.task_count, created.config),
        (1, config("a", "Idle"))
    );
    let expected = Status {
        state: State::Running,
        trace: None,
        worker_id: "127.0.0.1:8083".to_owned(),
        version: Some("1.2.3".to_owned()),
    };
    assert_eq!(
        (status.connector, status.tasks),
        (expected.clone(), vec![(0, expected)])
    );
    assert_eq!(tasks[0].config.get("task.class"), Some("test.IdleTask"));
    let again = running.create("a", "Idle", TargetState::Started).await;
    assert_eq!(text(again), "Connector a already exists");
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn target_states_are_followed() {
    let running = Running::start().await;
    running
        .create("a", "Idle", TargetState::Paused)
        .await
        .unwrap();
    running.reach("a", State::Paused, &[]).await;

    running.set("a", TargetState::Started).await;
    running.reach("a", State::Running, &[State::Running]).await;
    running.set("a", TargetState::Paused).await;
    running.reach("a", State::Paused, &[State::Paused]).await;
    running.set("a", TargetState::Started).await;
    running.reach("a", State::Running, &[State::Running]).await;
    running.set("a", TargetState::Stopped).await;
    running.reach("a", State::Stopped, &[]).await;
    running.set("a", TargetState::Started).await;
    running.reach("a", State::Running, &[State::Running]).await;

    running.standalone.shutdown().await;
}

#[tokio::test]
async fn a_task_that_cannot_start_says_why_and_can_be_restarted() {
    let running = Running::start().await;
    running
        .create("a", "Unstartable", TargetState::Started)
        .await
        .unwrap();

    let status = running.reach("a", State::Running, &[State::Failed]).await;
    let trace = status.tasks[0].1.trace.as_deref().unwrap_or_default();
    let lines: Vec<&str> = trace.lines().collect();
    assert_eq!(lines[..2], ["no such table", "Caused by: disk full"]);
    assert!(
        lines[2].starts_with("Task 0 of connector a with class"),
        "{trace}"
    );

    let scope = RestartScope {
        include_tasks: true,
        only_failed: true,
    };
    let plan = running
        .herder
        .ask(|it| Request::Restart("a".into(), scope, it))
        .await
        .unwrap();
    assert_eq!(plan.connector.state, State::Running);
    assert_eq!(plan.tasks[0].1.state, State::Restarting);
    assert_eq!(plan.tasks[0].1.version.as_deref(), Some("1.2.3"));
    running.reach("a", State::Running, &[State::Failed]).await;
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn a_panic_fails_its_task_alone() {
    let running = Running::start().await;
    running
        .create("a", "Panicking", TargetState::Started)
        .await
        .unwrap();
    running
        .create("b", "Idle", TargetState::Started)
        .await
        .unwrap();

    let status = running.reach("a", State::Running, &[State::Failed]).await;
    let trace = status.tasks[0].1.trace.as_deref().unwrap_or_default();
    let expected = "the plugin panicked: index out of range in the plugin\n";
    assert!(trace.starts_with(expected), "{trace}");
    running.reach("b", State::Running, &[State::Running]).await;

    let unplanned = running.create("c", "Unplanned", TargetState::Started).await;
    assert!(text(unplanned).starts_with("Failed to transition connector c to state STARTED"));
    running.reach("c", State::Failed, &[]).await;
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn a_task_that_does_not_stop_delays_nobody_else() {
    let running = Running::start().await;
    running
        .create("a", "Stubborn", TargetState::Started)
        .await
        .unwrap();
    running
        .create("b", "Idle", TargetState::Started)
        .await
        .unwrap();
    running.reach("a", State::Running, &[State::Running]).await;

    let delete = running.herder.ask(|it| Request::Delete("a".into(), it));
    let questions = async {
        running.put("b", config("b", "Idle")).await.unwrap();
        running.reach("b", State::Running, &[State::Running]).await;
        // It is not gone yet, so the question overtook the job.
        running.status("a").await.unwrap();
    };
    let ((), deleted) = tokio::join!(questions, delete);

    deleted.unwrap();
    assert_eq!(
        text(running.status("a").await),
        "No status found for connector a"
    );
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn tasks_go_on_when_nothing_changed() {
    let running = Running::start().await;
    running
        .create("a", "Idle", TargetState::Started)
        .await
        .unwrap();
    running.reach("a", State::Running, &[State::Running]).await;
    let before = running
        .herder
        .ask(|it| Request::Tasks("a".into(), it))
        .await
        .unwrap();

    let same = running.put("a", config("a", "Idle")).await.unwrap();
    assert!(matches!(same, PutOutcome::Updated(_)));
    let mut changed = config("a", "Idle");
    changed.insert("colour", Some("green".to_owned()));
    running.put("a", changed.clone()).await.unwrap();
    running.reach("a", State::Running, &[State::Running]).await;

    let after = running
        .herder
        .ask(|it| Request::Tasks("a".into(), it))
        .await
        .unwrap();
    assert_eq!(before[0].config.get("colour"), None);
    assert_eq!(after[0].config.get("colour"), Some("green"));
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn too_many_tasks_fail_the_connector() {
    let running = Running::start().await;

    let created = running.create("a", "Greedy", TargetState::Started).await;

    assert!(
        text(created).contains("The connector a has generated 2 tasks, which is greater than 1")
    );
    running.reach("a", State::Failed, &[]).await;
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn unknown_names_are_answered_in_the_words_of_each_request() {
    let running = Running::start().await;
    let herder = &running.herder;
    let id = || TaskId {
        connector: "x".into(),
        task: 3,
    };
    let scope = RestartScope {
        include_tasks: false,
        only_failed: true,
    };

    let connector = herder.ask(|it| Request::Connector("x".into(), it)).await;
    assert_eq!(text(connector), "Connector x not found");
    let task = herder.ask(|it| Request::TaskStatus(id(), it)).await;
    assert_eq!(text(task), "No status found for task x-3");
    let delete = herder.ask(|it| Request::Delete("x".into(), it)).await;
    assert_eq!(text(delete), "Connector x not found");
    let pause = herder
        .ask(|it| Request::SetTarget("x".into(), TargetState::Paused, it))
        .await;
    assert_eq!(text(pause), "Unknown connector x");
    let restart = herder
        .ask(|it| Request::Restart("x".into(), scope, it))
        .await;
    assert_eq!(text(restart), "Unknown connector: x");
    running
        .create("x", "Idle", TargetState::Started)
        .await
        .unwrap();
    let task = herder.ask(|it| Request::RestartTask(id(), it)).await;
    assert_eq!(text(task), "Task x-3 not found");
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn after_the_end_requests_are_refused() {
    let running = Running::start().await;
    running
        .create("a", "Idle", TargetState::Started)
        .await
        .unwrap();
    let herder = running.herder.clone();

    running.standalone.shutdown().await;

    assert_eq!(
        herder.ask(Request::Ping).await,
        Err(HerderError::ShuttingDown)
    );
}

#[tokio::test]
async fn offsets_of_a_stopped_source_can_be_changed() {
    let running = Running::start().await;
    let change = async |offsets: &[(&str, &str)]| {
        let json = |text: &str| OffsetCodec::default().read(text.into()).unwrap();
        let offsets = offsets.iter().map(|(a, b)| (json(a), json(b))).collect();
        let change = OffsetChange::Alter(offsets);
        let ask = |it| Request::ChangeOffsets("a".into(), change, it);
        running.herder.ask(ask).await
    };
    let stored = async || {
        let ask = |it| Request::Offsets("a".into(), it);
        let offsets = running.herder.ask(ask).await.unwrap().into_iter();
        let texts = offsets.map(|it| format!("{} {}", it.partition, it.offset));
        texts.collect::<Vec<_>>()
    };
    assert_eq!(text(change(&[]).await), "Connector a not found");
    running
        .create("a", "Idle", TargetState::Started)
        .await
        .unwrap();
    let refused = text(change(&[("{}", "null")]).await);
    assert!(
        refused.starts_with("Connectors must be in the STOPPED state before"),
        "{refused}"
    );
    running.set("a", TargetState::Stopped).await;

    let changed = change(&[("{}", "{}"), ("{}", "null"), ("{}", "{}")]).await;
    assert_eq!(changed, Ok(OffsetsChanged::Unconfirmed));
    assert_eq!(stored().await, ["{} {}"]);
    assert_eq!(
        text(change(&[(r#"{"a":[1]}"#, "null")]).await),
        "Offsets may only contain primitive types as values, but field a contains ARRAY"
    );
    assert_eq!(
        text(change(&[("null", "{}")]).await),
        "Partition objects cannot be null"
    );
    let changed = change(&[("null", "null")]).await;
    assert_eq!(changed, Ok(OffsetsChanged::Unconfirmed));
    assert_eq!(stored().await, ["{} {}"]);
    let reset = |it| Request::ChangeOffsets("a".into(), OffsetChange::Reset, it);
    running.herder.ask(reset).await.unwrap();

    assert_eq!(stored().await, [""; 0]);
    running.standalone.shutdown().await;
}
