//! Single steps of the commit path, one after the other: what the group is asked for, and when.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;

use connect_core::sink::SinkOffsets;
use connect_core::source::BoxFuture;
use tokio::sync::watch;

use super::calls::partition;
use super::group::{Group, Mute, Notes};
use super::*;
use crate::herder::TargetState;

/// A task whose calls end as the test says, and well when it says nothing.
struct Scripted {
    notes: Notes,
    puts: VecDeque<Result<()>>,
    pre_commits: VecDeque<Result<SinkOffsets>>,
    cx: SinkContext,
    calls_within: Option<Duration>,
    reports: bool,
    put_at: PutTimes,
}

/// When `put` was called.
type PutTimes = Arc<Mutex<Vec<Instant>>>;

impl ErasedSinkTask for Scripted {
    fn put(&mut self, records: Vec<SinkRecord>) -> BoxFuture<'_, Result<()>> {
        let places = records.iter().map(|it| {
            let origin = it.origin();
            format!(" {}@{}", origin.partition, origin.offset)
        });
        self.notes.add(format!("put{}", places.collect::<String>()));
        self.put_at.lock().unwrap().push(Instant::now());
        let outcome = self.puts.pop_front().unwrap_or(Ok(()));
        if let (Err(_), Some(time)) = (&outcome, self.calls_within) {
            self.cx.call_within(time);
        }
        Box::pin(async move {
            if self.reports {
                let error = ConnectError::data("no such column");
                // The task takes no notice of what it is told.
                let _ = self.cx.report(&records[0], error).await;
            }
            outcome
        })
    }

    fn pre_commit(&mut self, offsets: SinkOffsets) -> BoxFuture<'_, Result<SinkOffsets>> {
        self.notes.add("pre_commit");
        let answer = self.pre_commits.pop_front().unwrap_or(Ok(offsets));
        Box::pin(std::future::ready(answer))
    }

    fn open<'a>(&'a mut self, _: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>> {
        self.notes.add("open");
        Box::pin(std::future::ready(Ok(())))
    }

    fn close<'a>(&'a mut self, _: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>> {
        self.notes.add("close");
        Box::pin(std::future::ready(Ok(())))
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.notes.add("stop");
        Box::pin(std::future::ready(Ok(())))
    }
}

/// A pipeline with three partitions, and what belongs to it.
struct Bench {
    pipeline: SinkPipeline<Group, Mute>,
    control: Control,
    target: watch::Sender<TargetState>,
    cx: SinkContext,
    notes: Notes,
    put_at: PutTimes,
}

#[derive(Default)]
struct Script {
    puts: VecDeque<Result<()>>,
    pre_commits: VecDeque<Result<SinkOffsets>>,
    refusals: usize,
    /// When the task wants to be called after a `put` that failed.
    calls_within: Option<Duration>,
    /// Whether it reports the first record of each `put`, and nothing is tolerated.
    reports: bool,
}

async fn bench(script: Script) -> Bench {
    let (mut spec, worker) = (spec(), worker().await);
    if script.reports {
        spec.connector.extend([("errors.tolerance", "none")]);
    }
    let (control, target) = control(&spec);
    let figures = Arc::clone(&control.figures);
    let plugins = &worker.parts.plugins;
    let settings = ConnectorSettings::parse(&spec.connector, PluginKind::Sink, plugins).unwrap();
    let errors = ErrorHandler::new(Arc::clone(&figures), settings.errors, Secrets::default());
    let queue = DeadLetterQueue {
        topic: "letters".to_owned(),
        replication: 1,
        context_headers: false,
    };
    let letters = DeadLetters::new(&spec, &queue, Mute::new(), &figures);
    let (sender, reports) = mpsc::channel(MOST_REPORTS);
    let controls = Arc::new(SinkControls::new(Some(sender)));
    let cx = SinkContext::new("c".into(), 0, control.stop.clone());
    let cx = cx.with_controls(Arc::clone(&controls));
    let (notes, put_at) = (Notes::default(), PutTimes::default());
    let all: BTreeSet<_> = (0..3).map(|it| to_kafka(&partition(it))).collect();
    let ends = Ends {
        task: Box::new(Scripted {
            notes: notes.clone(),
            puts: script.puts,
            pre_commits: script.pre_commits,
            cx: cx.clone(),
            calls_within: script.calls_within,
            reports: script.reports,
            put_at: Arc::clone(&put_at),
        }),
        consumer: Group {
            notes: notes.clone(),
            polls: VecDeque::new(),
            patience: 0,
            refusals: script.refusals,
            assigned: all,
            paused: BTreeSet::new(),
            stop: control.stop.clone(),
        },
        errant: ErrantRecords::new(errors, Some(letters), reports),
        controls: Arc::clone(&controls),
    };
    let conversion = Conversion::new(&worker, &spec, &figures).unwrap();
    let mut pipeline = SinkPipeline::new(&worker, figures, conversion, ends);
    for number in 0..3 {
        pipeline.progress.assign(partition(number), 0);
    }
    controls.assign(&[partition(0), partition(1), partition(2)]);
    Bench {
        pipeline,
        control,
        target,
        cx,
        notes,
        put_at,
    }
}

impl Bench {
    fn delivered(&mut self, offsets: &[(i32, i64)]) {
        for (number, offset) in offsets {
            self.pipeline
                .progress
                .delivered(&partition(*number), *offset);
        }
    }

    /// Begins a commit, and lets it end.
    async fn commit(&mut self) -> Vec<String> {
        self.pipeline.begin_commit(&self.control).await.unwrap();
        if self.pipeline.commit.is_some() {
            let outcome = outcome(&mut self.pipeline.commit).await;
            self.pipeline.end_commit(outcome);
        }
        self.notes.take()
    }

    /// Gives records to the task, which were fetched just now.
    async fn receive(&mut self, lines: &[(u8, u32)]) -> Result<()> {
        let fetched = cluster::fetched(lines);
        self.pipeline.receive(fetched, &self.control).await
    }
}

fn offsets(of: &[(i32, i64)]) -> SinkOffsets {
    of.iter()
        .map(|(it, offset)| (partition(*it), *offset))
        .collect()
}

fn not_now() -> ConnectError {
    ConnectError::retriable("not now")
}

#[tokio::test(start_paused = true)]
async fn what_was_committed_is_not_committed_again_and_what_was_refused_is() {
    let mut bench = bench(Script {
        refusals: 1,
        ..Script::default()
    })
    .await;
    bench.delivered(&[(0, 10)]);

    let asked = ["pre_commit", "commit 0@10", "answered"];
    assert_eq!(bench.commit().await, asked);
    assert_eq!(bench.commit().await, asked);
    assert_eq!(bench.commit().await, ["pre_commit"]);
    bench.delivered(&[(1, 5)]);
    assert_eq!(
        bench.commit().await,
        ["pre_commit", "commit 1@5", "answered"]
    );
}

#[tokio::test(start_paused = true)]
async fn no_more_is_committed_than_the_task_says_and_was_delivered() {
    let answers = [&[(0, 7)][..], &[(0, 11), (1, 3)], &[]];
    let mut bench = bench(Script {
        pre_commits: answers.map(|it| Ok(offsets(it))).into(),
        ..Script::default()
    })
    .await;
    bench.delivered(&[(0, 10), (1, 3)]);

    assert_eq!(
        bench.commit().await,
        ["pre_commit", "commit 0@7", "answered"]
    );
    assert_eq!(
        bench.commit().await,
        ["pre_commit", "commit 1@3", "answered"]
    );
    assert_eq!(bench.commit().await, ["pre_commit"]);
}

#[tokio::test(start_paused = true)]
async fn a_commit_under_way_says_nothing_of_partitions_that_went_elsewhere() {
    let mut bench = bench(Script::default()).await;
    bench.delivered(&[(0, 10), (1, 5)]);
    bench.pipeline.begin_commit(&bench.control).await.unwrap();

    let sought = bench
        .pipeline
        .continue_at(BTreeMap::from([(partition(0), 3)]));
    assert_eq!(sought, [(partition(0), 3)]);
    let outcome = outcome(&mut bench.pipeline.commit).await;
    bench.pipeline.end_commit(outcome);

    // What counts as committed is where a failed flush goes back to.
    let back = bench.pipeline.progress.rewind();
    assert_eq!(
        back,
        [(partition(0), 3), (partition(1), 5), (partition(2), 0)]
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_flush_goes_back_to_what_is_committed_and_gives_up_a_redelivery() {
    let mut bench = bench(Script {
        puts: [Err(not_now())].into(),
        pre_commits: [Ok(offsets(&[(0, 4)])), Err(not_now())].into(),
        ..Script::default()
    })
    .await;
    bench.delivered(&[(0, 4)]);
    bench.commit().await;
    bench.delivered(&[(0, 6)]);
    bench.receive(&[(0, 6)]).await.unwrap();
    assert_eq!(bench.notes.take(), ["put 0@6", "pause 0 1 2"]);

    let asked = bench.commit().await;

    let seeks = ["seek 0 At(4)", "seek 1 At(0)", "seek 2 At(0)"];
    assert_eq!(
        asked,
        [&["pre_commit", "resume 0 1 2"][..], &seeks].concat()
    );
    assert!(bench.pipeline.redelivery.is_none());
    let known = bench.pipeline.progress.candidates(&[partition(0)]);
    assert_eq!(known, offsets(&[(0, 4)]));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_committed_while_dead_letters_are_unwritten() {
    let mut bench = bench(Script::default()).await;
    // This one cannot be converted.
    bench.receive(&[(0, 5)]).await.unwrap();
    assert_eq!(bench.notes.take(), ["put"]);

    assert_eq!(bench.commit().await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn partitions_are_committed_before_they_are_given_up_unless_they_are_lost() {
    for (lost, expected) in [
        (
            false,
            &["pre_commit", "close", "commit 0@10", "answered", "revoked"][..],
        ),
        (true, &["close", "revoked"]),
    ] {
        let mut bench = bench(Script::default()).await;
        bench.delivered(&[(0, 10), (1, 5)]);
        let partitions = vec![to_kafka(&partition(0))];

        let revoked = Polled::Revoked { partitions, lost };
        bench
            .pipeline
            .handle(revoked, &bench.control)
            .await
            .unwrap();

        assert_eq!(bench.notes.take(), expected);
        assert!(!bench.pipeline.progress.holds(&partition(0)));
        let rest = ["pre_commit", "commit 1@5", "answered"];
        assert_eq!(bench.commit().await, rest, "lost: {lost}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_commit_waits_for_the_one_before_it() {
    let mut bench = bench(Script::default()).await;
    bench.delivered(&[(0, 10)]);
    bench.pipeline.begin_commit(&bench.control).await.unwrap();
    bench.delivered(&[(0, 20)]);

    bench.pipeline.close().await.unwrap();

    let asked = [
        "pre_commit",
        "commit 0@10",
        "pre_commit",
        "close",
        "answered",
        "commit 0@20",
        "answered",
        "stop",
        "left",
    ];
    assert_eq!(bench.notes.take(), asked);
}

#[tokio::test(start_paused = true)]
async fn what_the_task_wants_to_read_again_is_not_committed_at_the_end() {
    let mut bench = bench(Script::default()).await;
    bench.delivered(&[(0, 10), (1, 5)]);
    bench.cx.seek(&partition(0), 3);

    bench.pipeline.close().await.unwrap();

    let asked = [
        "pre_commit",
        "close",
        "commit 1@5",
        "answered",
        "stop",
        "left",
    ];
    assert_eq!(bench.notes.take(), asked);
}

#[tokio::test(start_paused = true)]
async fn refused_records_come_again_without_partitions_that_are_gone() {
    let mut bench = bench(Script {
        puts: [Err(not_now()), Err(not_now())].into(),
        ..Script::default()
    })
    .await;
    bench.cx.pause(&[partition(2)]).unwrap();
    bench.receive(&[(0, 0), (1, 1)]).await.unwrap();
    assert_eq!(bench.notes.take(), ["put 0@0 1@1", "pause 0 1 2"]);
    bench.pipeline.deliver_again(&bench.control).await.unwrap();
    assert_eq!(bench.notes.take(), ["put 0@0 1@1", "pause 0 1 2"]);

    bench
        .pipeline
        .close_partitions(&[partition(0)], true)
        .await
        .unwrap();
    bench.pipeline.deliver_again(&bench.control).await.unwrap();

    // What the task has paused itself stays paused.
    assert_eq!(bench.notes.take(), ["close", "put 1@1", "resume 0 1"]);
    assert!(bench.pipeline.redelivery.is_none());
    let delivered = bench.pipeline.progress.candidates(&[partition(1)]);
    assert_eq!(delivered, offsets(&[(1, 2)]));
}

#[tokio::test(start_paused = true)]
async fn what_a_put_has_taken_counts_in_each_of_its_partitions() {
    let mut bench = bench(Script::default()).await;

    bench
        .receive(&[(0, 0), (1, 0), (0, 1), (2, 0)])
        .await
        .unwrap();

    bench.notes.take();
    let asked = ["pre_commit", "commit 0@2 1@1 2@1", "answered"];
    assert_eq!(bench.commit().await, asked);
}

#[tokio::test(start_paused = true)]
async fn refused_records_of_partitions_that_went_elsewhere_do_not_come_again() {
    let mut bench = bench(Script {
        puts: [Err(not_now())].into(),
        ..Script::default()
    })
    .await;
    bench.receive(&[(0, 6), (1, 1)]).await.unwrap();
    bench.notes.take();
    bench.cx.seek(&partition(0), 3);
    bench
        .pipeline
        .follow_requests(&bench.control)
        .await
        .unwrap();

    bench.pipeline.deliver_again(&bench.control).await.unwrap();

    let asked = ["seek 0 At(3)", "put 1@1", "resume 0 1 2"];
    assert_eq!(bench.notes.take(), asked);
    let delivered = bench.pipeline.progress.candidates(&[partition(0)]);
    assert_eq!(delivered, offsets(&[(0, 3)]));
}

#[tokio::test(start_paused = true)]
async fn refused_records_come_again_when_the_task_wants_to_be_called() {
    for (calls_within, expected) in [
        (None, REDELIVERY_DELAY),
        (Some(Duration::from_millis(200)), Duration::from_millis(200)),
        (Some(Duration::from_secs(7)), Duration::from_secs(7)),
    ] {
        let mut bench = bench(Script {
            puts: [Err(not_now())].into(),
            calls_within,
            ..Script::default()
        })
        .await;
        let fetched = cluster::fetched(&[(0, 0)]);
        bench.pipeline.consumer.polls = [Polled::Records(fetched)].into();
        // Commits end polls early, too.
        bench.pipeline.consumer.patience = 400;

        bench.pipeline.run(&mut bench.control).await.unwrap();

        let times = bench.put_at.lock().unwrap();
        assert_eq!(times[1] - times[0], expected, "{times:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_commits_at_once_and_pauses_everything() {
    let mut bench = bench(Script::default()).await;
    bench.delivered(&[(0, 10)]);
    bench.target.send_replace(TargetState::Paused);

    bench.pipeline.follow_target(&bench.control).unwrap();

    assert_eq!(bench.notes.take(), ["pause 0 1 2"]);
    assert!(bench.pipeline.next_commit <= Instant::now());
    bench.target.send_replace(TargetState::Started);
    bench.pipeline.follow_target(&bench.control).unwrap();
    assert_eq!(bench.notes.take(), ["resume 0 1 2"]);
}

#[tokio::test(start_paused = true)]
async fn a_report_that_is_not_tolerated_fails_a_put_that_ends_well() {
    let mut bench = bench(Script {
        reports: true,
        ..Script::default()
    })
    .await;

    let failed = bench.receive(&[(0, 0), (1, 1), (1, 3)]).await;

    let trace = failed.unwrap_err().trace();
    let lines: Vec<&str> = trace.lines().collect();
    assert_eq!(lines[0], UNRECOVERABLE);
    assert_eq!(
        lines[1],
        "Caused by: connector c, task 0: stage TASK_PUT failed for t-0@0, t-1@1 to @3"
    );
    assert_eq!(lines[2], "Caused by: Tolerance exceeded in error handler");
    assert!(lines[3].contains("failed for record t-0@0;"), "{trace}");
}
