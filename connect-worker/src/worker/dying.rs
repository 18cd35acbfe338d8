//! Lives of a process that may end between any two steps, for tests of the commit paths.
//!
//! Whatever a pipeline does to the outside world, or the outside world to it, is a step. After the
//! last one nothing has an effect any more, and nothing answers: the process is dead, and what is
//! left is what was made durable before.

pub(super) mod lossy;

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use connect_core::Result;
use connect_core::config::Props;
use connect_core::registry::PluginRegistry;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::task::TaskSpec;
use super::{Worker, WorkerParts};
use crate::config::worker::{Brokers, WorkerConfig};
use crate::identity::TaskId;
use crate::providers::Secrets;
use crate::storage::offsets::OffsetStore;

/// More steps than a life has that nothing ends.
pub(super) const FOR_EVER: u64 = 100_000;
const LONGEST_LIFE: Duration = Duration::from_secs(600);

pub(super) const BYTES: &str = "org.apache.kafka.connect.converters.ByteArrayConverter";
const TOMBSTONE: &str = "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone";

/// One life.
#[derive(Debug)]
pub(super) struct Life {
    steps: AtomicU64,
    last: u64,
    died: CancellationToken,
    chance: Mutex<Chance>,
}

impl Life {
    /// A life of at most so many steps, which chance decides about.
    pub(super) fn new(last: u64, chance: Chance) -> Arc<Self> {
        Arc::new(Self {
            steps: AtomicU64::new(0),
            last,
            died: CancellationToken::new(),
            chance: Mutex::new(chance),
        })
    }

    /// Another step; `false` when it does not happen any more.
    pub(super) fn step(&self) -> bool {
        let is_alive = self.steps.fetch_add(1, Ordering::Relaxed) < self.last;
        if !is_alive {
            self.died.cancel();
        }
        is_alive
    }

    /// Another step, from which the dead do not return.
    pub(super) async fn stepped(&self) {
        if !self.step() {
            std::future::pending::<()>().await;
        }
        // Everything else gets its turn between two steps.
        tokio::task::yield_now().await;
    }

    pub(super) fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    pub(super) async fn died(&self) {
        self.died.cancelled().await;
    }

    /// A number below a limit.
    pub(super) fn below(&self, limit: u64) -> u64 {
        let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
        chance.below(limit)
    }

    /// `true` once in so many times.
    pub(super) fn once_in(&self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// A small generator, so that a failure can be repeated by its seed.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        // Neighbouring seeds shall have nothing in common.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// A generator that goes another way from here.
    pub(super) fn fork(&mut self) -> Self {
        Self::new(self.below(1 << 30) << 20 | self.below(1 << 20))
    }
}

/// What outlives the lives of a task, and how one of them is lived.
pub(super) trait World: Default {
    /// How the task is set up, and how its surroundings behave.
    type Case: Copy + Debug;

    /// One life, in which the task is asked to stop once nothing happens any more.
    async fn live(&self, case: Self::Case, life: &Arc<Life>) -> Result<()>;

    /// What was under way at the end of a process may arrive all the same.
    fn bury(&self);

    /// Nothing was stored before its time.
    fn check(&self, what: &str);

    /// Whether everything is stored.
    fn is_done(&self) -> bool;

    /// Nothing is missing once everything is stored.
    fn check_complete(&self, what: &str);
}

/// How a life ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Died,
    Stopped,
    Failed,
}

async fn live<W: World>(world: &W, case: W::Case, life: &Arc<Life>) -> End {
    let ended = tokio::select! {
        biased;
        () = life.died() => None,
        ended = world.live(case, life) => Some(ended),
        () = sleep(LONGEST_LIFE) => panic!("a life does not end: {case:?}"),
    };
    world.bury();
    match ended {
        None => End::Died,
        Some(Ok(())) => End::Stopped,
        Some(Err(_)) => End::Failed,
    }
}

/// Lives until everything is stored. The first life ends after `first` steps.
async fn live_on<W: World>(
    seed: u64,
    case: W::Case,
    first: u64,
    mut lives: impl FnMut(&mut Chance) -> u64,
) {
    let mut chance = Chance::new(seed);
    let world = W::default();
    let mut last = first;
    for count in 0.. {
        let life = Life::new(last, chance.fork());
        let end = live(&world, case, &life).await;
        let what = format!("seed {seed}, first {first}, life {count}, {case:?}, {end:?}");
        world.check(&what);
        if end == End::Stopped && world.is_done() {
            break;
        }
        assert!(count < 2_000, "{what}: comes to no end");
        last = lives(&mut chance);
    }
    world.check_complete(&format!("seed {seed}, first {first}, {case:?}"));
}

/// Dies once, after each step in turn.
pub(super) async fn die_between_any_two_steps<W: World>(cases: &[W::Case]) {
    for &case in cases {
        let life = Life::new(FOR_EVER, Chance::new(1).fork());
        live(&W::default(), case, &life).await;
        // As many as the first life has, without a death.
        for first in 0..life.steps() {
            live_on::<W>(1, case, first, |_| FOR_EVER).await;
        }
    }
}

/// Dies again and again, each time after fewer than `most` further steps than 20.
pub(super) async fn die_many_times<W: World>(cases: &[W::Case], most: u64) {
    for seed in 0..30 {
        for &case in cases {
            live_on::<W>(seed, case, 40, |chance| 20 + chance.below(most)).await;
        }
    }
}

pub(super) fn task_id() -> TaskId {
    TaskId {
        connector: "c".into(),
        task: 0,
    }
}

/// A task whose records without a value are dropped by a transform.
pub(super) fn spec(class: &str, settings: &[(&str, &str)]) -> TaskSpec {
    let plugins = PluginRegistry::from_inventory().unwrap();
    let shared = [
        ("name", "c"),
        ("connector.class", class),
        ("key.converter", BYTES),
        ("transforms", "drop"),
        (
            "transforms.drop.type",
            "org.apache.kafka.connect.transforms.Filter",
        ),
        ("transforms.drop.predicate", "empty"),
        ("predicates", "empty"),
        ("predicates.empty.type", TOMBSTONE),
    ];
    let connector = Props::from_iter(shared.iter().chain(settings).copied());
    TaskSpec {
        id: task_id(),
        plugin: *plugins.connector(class).unwrap(),
        config: connector.clone(),
        connector,
        siblings: 1,
        secrets: Secrets::default(),
    }
}

pub(super) fn worker(offsets: Arc<dyn OffsetStore>) -> Worker {
    let plugins = PluginRegistry::from_inventory().unwrap();
    let props = Props::from_iter([
        ("bootstrap.servers", "nowhere:1"),
        ("key.converter", BYTES),
        ("value.converter", BYTES),
        ("offset.storage.file.filename", "unused"),
        ("offset.flush.interval.ms", "20"),
        ("offset.flush.timeout.ms", "100"),
    ]);
    Worker::new(WorkerParts {
        config: WorkerConfig::parse(props, Brokers::Configured, &plugins).unwrap(),
        providers: Arc::default(),
        plugins,
        worker_id: "w".to_owned(),
        offsets,
    })
}
