//! Plugins that block, spin, panic, hang, take memory and answer nonsense, in each of their methods: the others go on
//! as before, REST answers at once, the worker ends in time.

use std::time::{Duration, Instant};

use connect_tests::process::Signal;
use connect_tests::rest::Rest;
use connect_tests::worker::Worker;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::scene::{Scene, on_both_brokers, text};

on_both_brokers!(
    others_go_on_beside_plugins_that_misbehave,
    a_misbehaving_task_says_what_is_wrong,
);

/// What an answer takes, whatever else the machine has to do: a quarter of them take less.
const ANSWER_LIMIT: Duration = Duration::from_millis(100);
const QUESTIONS: usize = 31;
/// Lines that go through the healthy connectors while their lag is watched.
const LINES: usize = 150;
const PACE: Duration = Duration::from_millis(10);
/// So many lines more may be on their way than before.
const LAG_ALLOWANCE: usize = 40;
/// Tasks have two seconds and connectors five, all of them at once.
const END_LIMIT: Duration = Duration::from_secs(20);

const MANNERS: [&str; 5] = ["block", "hang", "panic", "error", "allocate"];
const SOURCE: [&str; 5] = ["start", "poll", "commit", "stop", "garbage"];
const SINK: [&str; 7] = [
    "start",
    "put",
    "pre_commit",
    "open",
    "close",
    "stop",
    "garbage",
];
const CONNECTOR: [&str; 6] = [
    "connector start",
    "plan",
    "watch",
    "connector stop",
    "on_created",
    "too many",
];

/// A configuration whose keys below `prefix` say what goes wrong.
fn misbehaving(mut config: Value, prefix: &str, method: &str, manner: &str) -> Value {
    config["tasks.max"] = json!("1");
    config[format!("{prefix}method")] = json!(method);
    config[format!("{prefix}manner")] = json!(manner);
    config
}

/// All that can go wrong in one manner, with a name for each.
fn all(scene: &Scene, manner: &str) -> Vec<(String, Value)> {
    let class = |class: &str| json!({"connector.class": format!("org.example.{class}")});
    let mut all = Vec::new();
    for method in SOURCE {
        let config = misbehaving(class("MisbehavingSource"), "", method, manner);
        all.push((format!("source-{method}"), config));
    }
    for method in SINK {
        let mut config = misbehaving(class("MisbehavingSink"), "", method, manner);
        config["topics"] = json!(scene.topic());
        all.push((format!("sink-{method}"), config));
    }
    for method in CONNECTOR {
        let config = misbehaving(class("MisbehavingConnector"), "", method, manner);
        all.push((format!("connector-{method}"), config));
    }
    all.extend(parts(scene, manner));
    let named = |(name, config)| (format!("{}-{name}-{manner}", scene.topic()), config);
    all.into_iter().map(named).collect()
}

/// Healthy tasks whose converters, transforms or predicates are not.
fn parts(scene: &Scene, manner: &str) -> Vec<(String, Value)> {
    let mut source = scene.source();
    source["topic"] = json!(format!("{}-elsewhere", scene.topic()));
    let mut sink = scene.sink();
    sink["file"] = json!(text(&scene.path(&format!("elsewhere-{manner}.txt"))));
    let mut all = Vec::new();
    for (name, config, method) in [
        ("from_connect", &source, "from_connect"),
        ("to_connect", &sink, "to_connect"),
        ("converter-new", &source, "new"),
    ] {
        let mut config = config.clone();
        config["value.converter"] = json!("org.example.MisbehavingConverter");
        let config = misbehaving(config, "value.converter.", method, manner);
        all.push((name.to_owned(), config));
    }
    for method in ["new", "apply", "garbage"] {
        let mut config = source.clone();
        config["transforms"] = json!("bad");
        config["transforms.bad.type"] = json!("org.example.MisbehavingTransform");
        let config = misbehaving(config, "transforms.bad.", method, manner);
        all.push((format!("transform-{method}"), config));
    }
    for method in ["new", "test"] {
        let mut config = source.clone();
        config["transforms"] = json!("never");
        config["transforms.never.type"] = json!("org.apache.kafka.connect.transforms.Filter");
        config["transforms.never.predicate"] = json!("bad");
        config["predicates"] = json!("bad");
        config["predicates.bad.type"] = json!("org.example.MisbehavingPredicate");
        let config = misbehaving(config, "predicates.bad.", method, manner);
        all.push((format!("predicate-{method}"), config));
    }
    all
}

async fn others_go_on_beside_plugins_that_misbehave(scene: Scene) {
    let worker = scene.worker();
    let worker = worker.set("task.shutdown.graceful.timeout.ms", "2000");
    let worker = worker.set("offset.flush.interval.ms", "500");
    let worker = worker.start().await;
    scene.append("first\n");
    scene.create_both(&worker).await;
    scene.wait_for_sink("first\n").await;
    let before = median_lag(&scene).await;

    let creating = create_all(&scene, &worker).await;
    assert_quick(worker.rest()).await;
    let after = median_lag(&scene).await;
    assert!(
        after <= 2 * before + LAG_ALLOWANCE,
        "{after} lines were on their way beside misbehaving plugins, {before} without them"
    );
    assert_quick(worker.rest()).await;

    let begun = Instant::now();
    worker.stop(Signal::Terminate).await;
    assert!(begun.elapsed() < END_LIMIT, "{:?}", begun.elapsed());
    drop(creating);
}

/// Creates all connectors at once. Some requests are answered when the worker ends, if at all.
async fn create_all(scene: &Scene, worker: &Worker) -> JoinSet<()> {
    let mut creating = JoinSet::new();
    let mut all: Vec<_> = MANNERS.iter().flat_map(|it| all(scene, it)).collect();
    // One that computes for ever is enough to keep a small machine busy.
    let config = json!({"connector.class": "org.example.MisbehavingSource"});
    let config = misbehaving(config, "", "poll", "spin");
    all.push((format!("{}-source-poll-spin", scene.topic()), config));
    let count = all.len();
    for (name, config) in all {
        let rest = worker.rest().clone();
        creating.spawn(async move {
            let body = json!({"name": name, "config": config}).to_string();
            // Only that it was taken counts, and the listing shows that.
            let _ = rest.try_send(Method::POST, "/connectors", Some(body)).await;
        });
    }
    let what = format!("{count} more connectors");
    connect_tests::eventually::eventually(Duration::from_secs(30), &what, async || {
        let listed = worker.rest().get("/connectors").await.json();
        match listed.as_array().map(Vec::len) {
            Some(listed) if listed == count + 2 => Ok(()),
            listed => Err(listed),
        }
    })
    .await;
    creating
}

/// Many questions are answered at once.
async fn assert_quick(rest: &Rest) {
    for path in ["/connectors?expand=status&expand=info", "/connectors", "/"] {
        let mut answers = Vec::with_capacity(QUESTIONS);
        for _ in 0..QUESTIONS {
            let asked = Instant::now();
            rest.get(path).await.assert_status(200);
            answers.push(asked.elapsed());
        }
        answers.sort_unstable();
        let quick = answers[QUESTIONS / 4];
        assert!(quick < ANSWER_LIMIT, "{path}: {answers:?}");
    }
}

/// How many lines are on their way, usually, while one is added after the other. It is counted in lines and not in
/// seconds, so it says the same on a slow machine.
async fn median_lag(scene: &Scene) -> usize {
    let arrived = || {
        std::fs::read_to_string(scene.sink_file())
            .unwrap()
            .lines()
            .count()
    };
    let start = arrived();
    let mut lags = Vec::with_capacity(LINES);
    for added in 1..=LINES {
        scene.append("another\n");
        sleep(PACE).await;
        lags.push((start + added).saturating_sub(arrived()));
    }
    lags.sort_unstable();
    let what = "all lines";
    connect_tests::eventually::eventually(
        crate::scene::ARRIVAL_LIMIT,
        what,
        async || match arrived() {
            count if count == start + LINES => Ok(()),
            count => Err(count),
        },
    )
    .await;
    lags[LINES / 2]
}

async fn a_misbehaving_task_says_what_is_wrong(scene: Scene) {
    let worker = scene.worker().start().await;
    for (manner, text) in [
        ("panic", "poll panicked on purpose"),
        ("error", "poll failed on purpose"),
    ] {
        let name = format!("{}-{manner}", scene.topic());
        let config = json!({"connector.class": "org.example.MisbehavingSource"});
        let config = misbehaving(config, "", "poll", manner);
        worker.rest().create(&name, &config).await;

        let rest = worker.rest();
        let status = rest.wait_states(&name, "RUNNING", &["FAILED"]).await;

        let trace = status["tasks"][0]["trace"].as_str().unwrap_or_default();
        assert!(trace.contains(text), "{trace}");
    }
}
