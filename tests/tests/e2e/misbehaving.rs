//! Plugins that block, spin, panic, hang, take memory and answer nonsense, in each of their methods: the others go on
//! as before, REST answers at once, the worker ends in time.

use std::time::{Duration, Instant};

use connect_tests::misbehaving::{Mischief, create_all, misbehaving};
use connect_tests::process::Signal;
use connect_tests::rest::Rest;
use serde_json::json;
use tokio::time::sleep;

use crate::scene::{Scene, on_both_brokers};

on_both_brokers!(
    others_go_on_beside_plugins_that_misbehave,
    a_misbehaving_task_says_what_is_wrong,
);

/// What an answer usually takes at most. On a machine that is busy with other tests that is more, and says nothing of
/// plugins: then it is compared with what it took without them. How many take less at all says
/// `./x measure --misbehaving`.
const ANSWER_LIMIT: Duration = Duration::from_millis(100);
/// So much longer than without misbehaving plugins, on a machine whose load changes.
const SLOWER: u32 = 4;
const PATHS: [&str; 3] = ["/connectors?expand=status&expand=info", "/connectors", "/"];
const QUESTIONS: usize = 31;
/// What a plugin holds up stays so; what a compiler beside the tests holds up does not.
const ROUNDS_OF_QUESTIONS: usize = 3;
/// Lines that go through the healthy connectors while their lag is watched.
const LINES: usize = 150;
const PACE: Duration = Duration::from_millis(10);
/// So many lines more may be on their way than before.
const LAG_ALLOWANCE: usize = 40;
/// Tasks have two seconds and connectors five, all of them at once.
const END_LIMIT: Duration = Duration::from_secs(20);

async fn others_go_on_beside_plugins_that_misbehave(scene: Scene) {
    let worker = scene.worker();
    let worker = worker.set("task.shutdown.graceful.timeout.ms", "2000");
    let worker = worker.set("offset.flush.interval.ms", "500");
    let worker = worker.start().await;
    scene.append("first\n");
    scene.create_both(&worker).await;
    scene.wait_for_sink("first\n").await;
    let before = median_lag(&scene).await;
    let unhurried = median_answers(worker.rest()).await;

    let creating = create_all(&mischief(&scene), worker.rest()).await;
    assert_quick(worker.rest(), &unhurried).await;
    let after = median_lag(&scene).await;
    assert!(
        after <= 2 * before + LAG_ALLOWANCE,
        "{after} lines were on their way beside misbehaving plugins, {before} without them"
    );
    assert_quick(worker.rest(), &unhurried).await;

    let begun = Instant::now();
    worker.stop(Signal::Terminate).await;
    assert!(begun.elapsed() < END_LIMIT, "{:?}", begun.elapsed());
    drop(creating);
}

fn mischief(scene: &Scene) -> Mischief {
    Mischief {
        source: scene.source(),
        sink: scene.sink(),
        name: scene.topic().to_owned(),
        folder: scene.path(""),
    }
}

/// Questions are answered as fast as before.
async fn assert_quick(rest: &Rest, unhurried: &[Duration; 3]) {
    let mut slow = Vec::new();
    for _ in 0..ROUNDS_OF_QUESTIONS {
        let medians = median_answers(rest).await;
        let answers = PATHS.iter().zip(medians).zip(unhurried);
        slow = answers
            .filter(|((_, median), unhurried)| *median >= ANSWER_LIMIT.max(**unhurried * SLOWER))
            .map(|((path, median), unhurried)| {
                format!("{path}: {median:?} beside misbehaving plugins, {unhurried:?} without them")
            })
            .collect();
        if slow.is_empty() {
            return;
        }
    }
    assert_eq!(slow, Vec::<String>::new());
}

/// What an answer usually takes, for each path.
async fn median_answers(rest: &Rest) -> [Duration; 3] {
    let mut medians = [Duration::ZERO; 3];
    for (median, path) in medians.iter_mut().zip(PATHS) {
        let mut answers = Vec::with_capacity(QUESTIONS);
        for _ in 0..QUESTIONS {
            let asked = Instant::now();
            rest.get(path).await.assert_status(200);
            answers.push(asked.elapsed());
        }
        answers.sort_unstable();
        *median = answers[QUESTIONS / 2];
    }
    medians
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
