//! Connectors with a life of their own.

use std::sync::atomic::{AtomicU32, Ordering};

use connect_core::plugin::{PluginDescriptor, source_connector_plugin};
use connect_core::{ConnectorConfig, ConnectorContext, SourceConnector};

use super::*;

/// What a connector does.
#[derive(Clone, Debug, ConnectorConfig)]
struct MovingConfig {
    /// Method that misbehaves.
    fails_in: Option<String>,
    /// How it does.
    #[config(default = "error")]
    fails_by: String,
    /// How often it asks for another plan, each with a task more.
    #[config(default = 0)]
    replans: u32,
    /// Number of a task.
    number: Option<u32>,
}

impl MovingConfig {
    async fn enter(&self, method: &str) -> Result<()> {
        if self.fails_in.as_deref() != Some(method) {
            return Ok(());
        }
        match self.fails_by.as_str() {
            "panic" => panic!("{method} is broken"),
            "block" => loop {
                std::thread::park();
            },
            "wait" => std::future::pending().await,
            "slow" => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Ok(())
            }
            _ => Err(ConnectError::fatal(format_args!("{method} failed"))),
        }
    }
}

/// Plans a task more each time, and asks for plans.
struct Moving {
    config: MovingConfig,
    cx: ConnectorContext<Self>,
    plans: AtomicU32,
}

struct MovingTask;

impl SourceTask for MovingTask {
    type Config = MovingConfig;
    type Partition = ();
    type Offset = ();

    async fn start(_: MovingConfig, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self)
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        std::future::pending().await
    }
}

impl SourceConnector for Moving {
    type Task = MovingTask;

    async fn start(config: MovingConfig, cx: ConnectorContext<Self>) -> Result<Self> {
        config.enter("start").await?;
        let plans = AtomicU32::new(0);
        Ok(Self { config, cx, plans })
    }

    async fn plan(&self, _: NonZeroUsize) -> Result<Vec<MovingConfig>> {
        self.config.enter("plan").await?;
        let plans = self.plans.fetch_add(1, Ordering::Relaxed);
        if plans < self.config.replans {
            self.cx.replan();
        }
        let tasks = (0..=plans).map(|number| MovingConfig {
            number: Some(number),
            ..self.config.clone()
        });
        Ok(tasks.collect())
    }

    async fn watch(&self) -> Result<()> {
        self.config.enter("watch").await?;
        if self.config.fails_in.as_deref() == Some("context") {
            self.cx.fail(ConnectError::fatal("the table is gone"));
        }
        Ok(())
    }

    async fn stop(self) -> Result<()> {
        self.config.enter("stop").await
    }

    async fn on_created(config: MovingConfig) -> Result<()> {
        config.enter("on_created").await
    }
}

pub(super) fn plugin() -> PluginDescriptor {
    source_connector_plugin::<Moving, MovingTask>(info("test.MovingConnector"))
}

fn moving(name: &str, keys: &[(&str, &str)]) -> Props {
    let mut props = config(name, "Moving");
    props.extend([("tasks.max", "3")]);
    props.extend(keys.iter().copied());
    props
}

async fn tasks(running: &Running, name: &str) -> Vec<TaskInfo> {
    let tasks = |it| Request::Tasks(name.into(), it);
    running.herder.ask(tasks).await.unwrap()
}

#[tokio::test]
async fn a_plan_is_an_overlay_on_what_the_user_wrote() {
    let running = Running::start().await;
    let written = moving("a", &[("replans", " 0 "), ("unknown", "${env:X}")]);
    running.put("a", written).await.unwrap();
    running.reach("a", State::Running, &[State::Running]).await;

    let config = tasks(&running, "a").await.remove(0).config;

    let expected = [
        ("replans", Some(" 0 ")),
        ("unknown", Some("${env:X}")),
        ("number", Some("0")),
        ("fails.by", None),
        ("task.class", Some("test.MovingTask")),
    ];
    for (key, text) in expected {
        assert_eq!(config.get(key), text, "{key}");
    }
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn a_connector_that_asks_for_a_plan_gets_its_tasks_restarted() {
    let running = Running::start().await;

    let written = moving("a", &[("replans", "2")]);
    running.put("a", written).await.unwrap();

    running
        .reach("a", State::Running, &[State::Running; 3])
        .await;
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn a_failure_in_any_method_fails_the_connector_and_not_its_tasks() {
    let running = Running::start().await;
    let cases = [
        ("start", "error", "start failed", 0),
        ("plan", "error", "plan failed", 0),
        ("on_created", "error", "on_created failed", 0),
        ("start", "panic", "the plugin panicked: start is broken", 0),
        ("plan", "panic", "the plugin panicked: plan is broken", 0),
        ("watch", "error", "watch failed", 1),
        ("watch", "panic", "the plugin panicked: watch is broken", 1),
        ("context", "error", "the table is gone", 1),
    ];
    for (index, (method, how, trace, tasks)) in cases.into_iter().enumerate() {
        let name = format!("c{index}");
        let written = moving(&name, &[("fails.in", method), ("fails.by", how)]);
        // Whether it has failed already when it is answered depends on the method.
        let _ = running.put(&name, written).await;

        let states = vec![State::Running; tasks];
        let status = running.reach(&name, State::Failed, &states).await;

        assert_eq!(status.connector.trace.as_deref(), Some(trace), "{method}");
    }
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn a_failed_connector_starts_again_when_it_is_restarted() {
    let running = Running::start().await;
    let written = moving("a", &[("fails.in", "context")]);
    running.put("a", written).await.unwrap();
    running.reach("a", State::Failed, &[State::Running]).await;

    let repaired = running.put("a", moving("a", &[])).await;

    assert!(matches!(repaired, Ok(PutOutcome::Updated(_))));
    running.reach("a", State::Running, &[State::Running]).await;
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn a_connector_that_cannot_stop_fails_when_it_is_paused() {
    let running = Running::start().await;
    let written = moving("a", &[("fails.in", "stop")]);
    running.put("a", written).await.unwrap();
    running.reach("a", State::Running, &[State::Running]).await;

    running.set("a", TargetState::Paused).await;
    running.reach("a", State::Failed, &[State::Paused]).await;

    running.set("a", TargetState::Stopped).await;
    running.reach("a", State::Stopped, &[]).await;
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn a_connector_that_hangs_in_its_start_can_be_deleted() {
    let running = Running::start().await;
    for (name, how) in [("a", "wait"), ("b", "block")] {
        let written = moving(name, &[("fails.in", "start"), ("fails.by", how)]);
        let put = running.put(name, written);
        let delete = async {
            let known = |it| Request::Connector(name.into(), it);
            while running.herder.ask(known).await.is_err() {
                tokio::task::yield_now().await;
            }
            let delete = |it| Request::Delete(name.into(), it);
            running.herder.ask(delete).await
        };

        let (put, deleted) = tokio::join!(put, delete);

        assert!(text(put).contains("another request to change the state"));
        deleted.unwrap();
    }
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn a_restart_right_behind_a_resumption_finds_the_tasks() {
    let running = Running::start().await;
    let written = moving("a", &[("fails.in", "start"), ("fails.by", "slow")]);
    running.put("a", written).await.unwrap();
    running.set("a", TargetState::Stopped).await;
    running.reach("a", State::Stopped, &[]).await;

    running.set("a", TargetState::Started).await;
    let scope = RestartScope {
        include_tasks: true,
        only_failed: false,
    };
    let restart = |it| Request::Restart("a".into(), scope, it);
    let plan = running.herder.ask(restart).await.unwrap();

    assert_eq!(plan.connector.state, State::Restarting);
    let tasks: Vec<_> = plan
        .tasks
        .iter()
        .map(|(it, task)| (*it, task.state))
        .collect();
    assert_eq!(tasks, [(0, State::Restarting)]);
    running.reach("a", State::Running, &[State::Running]).await;
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn no_more_requests_wait_for_a_connector_than_there_is_room_for() {
    let running = Running::start().await;
    let written = moving("a", &[("fails.in", "start"), ("fails.by", "wait")]);
    let mut waiting = Vec::new();
    let create = |it| Request::PutConfig {
        name: "a".into(),
        config: written.clone(),
        reply: it,
    };
    let limit = Duration::from_secs(2);
    let created = running.herder.ask_within(limit, create);
    for _ in 0..MOST_WAITING + 3 {
        let id = TaskId {
            connector: "a".into(),
            task: 0,
        };
        waiting.push(
            running
                .herder
                .ask_within(limit, |it| Request::RestartTask(id, it)),
        );
    }

    let (_, answers) = tokio::join!(created, join_all(waiting));

    let refused = answers.into_iter().filter_map(Result::err);
    let refused = refused.filter(|it| it.to_string() == "Too many requests wait for connector a");
    assert_eq!(refused.count(), 3);
    running.standalone.shutdown().await;
}
