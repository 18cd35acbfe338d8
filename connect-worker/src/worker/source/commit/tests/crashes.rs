//! The process dies between any two steps of the commit path, while a producer delays, reorders,
//! rejects and loses acknowledgements: no offset is stored before its records are written, and
//! after all the deaths no record is missing.

use std::collections::{BTreeMap, BTreeSet};

use connect_core::offset::{OffsetMap, OffsetValue};

use super::*;
use crate::worker::dying::Chance;

const PARTITIONS: u8 = 3;
/// Records of each source partition.
const RECORDS: u32 = 12;

/// One of the records in that state, with its sequence number.
fn choose<'a>(
    chance: &mut Chance,
    sent: &'a mut [(u8, u32, Delivery)],
    state: Delivery,
) -> Option<(u64, &'a mut (u8, u32, Delivery))> {
    let numbered = (0_u64..).zip(sent);
    let mut those: Vec<_> = numbered.filter(|(_, it)| it.2 == state).collect();
    match those.len() as u64 {
        0 => None,
        count => {
            let chosen = usize::try_from(chance.below(count)).unwrap();
            Some(those.swap_remove(chosen))
        }
    }
}

/// What outlives the process.
#[derive(Default)]
struct World {
    /// Partition and number of each record in the topic.
    topic: BTreeSet<(u8, u32)>,
    store: Arc<Offsets>,
}

/// The offset store: number behind the last record, by key.
#[derive(Default)]
struct Offsets(Mutex<BTreeMap<Vec<u8>, Vec<u8>>>);

impl OffsetStore for Offsets {
    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Vec<u8>>>> {
        Box::pin(async { Ok(self.0.lock().unwrap().get(key).cloned()) })
    }

    fn entries(&self) -> BoxFuture<'_, Result<Vec<StoredEntry>>> {
        Box::pin(async { Ok(self.0.lock().unwrap().clone().into_iter().collect()) })
    }

    fn set(&self, entries: Vec<OffsetEntry>) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let entries = entries.into_iter();
            let entries = entries.map(|(key, value)| (key, value.expect("nothing is reset")));
            self.0.lock().unwrap().extend(entries);
            Ok(())
        })
    }
}

impl World {
    /// Number of the next record of a partition, as a task finds it at its start.
    fn next(&self, partition: u8) -> u32 {
        let codec = OffsetCodec::default();
        let stored_partition = OffsetMap::new().with("p", u32::from(partition));
        let key = codec.key(&"c".into(), &stored_partition).unwrap();
        let Some(bytes) = self.store.0.lock().unwrap().get(&key).cloned() else {
            return 0;
        };
        let offset = codec.read_value(bytes).unwrap().unwrap();
        match offset.get("o") {
            Some(OffsetValue::Integer(number)) => u32::try_from(*number).unwrap() + 1,
            other => panic!("no number: {other:?}"),
        }
    }

    #[track_caller]
    fn check(&self, seed: u64, death: u64) {
        for partition in 0..PARTITIONS {
            for number in 0..self.next(partition) {
                assert!(
                    self.topic.contains(&(partition, number)),
                    "seed {seed}, death {death}: the offset of {partition} is ahead of {number}"
                );
            }
        }
    }
}

/// What became of a record that was handed over.
#[derive(Clone, Copy, PartialEq)]
enum Delivery {
    /// Nobody knows yet.
    UnderWay,
    /// The broker has it, and the process does not know.
    Written,
    Acknowledged,
    /// The broker refused it, or it got lost on its way.
    Gone,
}

/// A run of the task: at most `steps` steps, then the process dies. `true` when everything was read
/// and stored before.
async fn run(world: &mut World, chance: &mut Chance, mut steps: u64) -> bool {
    let figures = task_figures(PluginKind::Source);
    let store = Arc::clone(&world.store) as Arc<dyn OffsetStore>;
    let mut committer = OffsetCommitter::new(figures, store, SCHEDULE);
    let mut next: Vec<u32> = (0..PARTITIONS).map(|it| world.next(it)).collect();
    let mut sent: Vec<(u8, u32, Delivery)> = Vec::new();
    while steps > 0 {
        steps -= 1;
        match chance.below(5) {
            // Poll a batch of one partition, note it, hand it over.
            0 => {
                let partition = u8::try_from(chance.below(u64::from(PARTITIONS))).unwrap();
                let from = next[usize::from(partition)];
                let count = chance.below(4).min(u64::from(RECORDS - from));
                let records = vec![partition; usize::try_from(count).unwrap()];
                if records.is_empty() {
                    continue;
                }
                let batch = Batch::positions(&records, from);
                let run = SentRecords::Run(0..records.len());
                committer.sending(&batch, run, sent.len() as u64);
                for number in from..from + u32::try_from(count).unwrap() {
                    sent.push((partition, number, Delivery::UnderWay));
                }
                next[usize::from(partition)] += u32::try_from(count).unwrap();
            }
            // One record, whichever, reaches the topic or is gone.
            1 | 2 => {
                if let Some((partition, number, delivery)) =
                    choose(chance, &mut sent, Delivery::UnderWay).map(|it| it.1)
                {
                    *delivery = Delivery::Gone;
                    if chance.below(12) > 0 {
                        world.topic.insert((*partition, *number));
                        *delivery = Delivery::Written;
                    }
                }
            }
            // An acknowledgement arrives, whichever.
            3 => {
                if let Some((sequence, record)) = choose(chance, &mut sent, Delivery::Written) {
                    record.2 = Delivery::Acknowledged;
                    committer.acknowledge(sequence..sequence + 1);
                }
            }
            // A commit begins or ends.
            _ => match committer.flush.is_some() {
                true => drop(committer.end().await.unwrap()),
                false => committer.begin(),
            },
        }
    }
    (0..PARTITIONS).all(|it| world.next(it) == RECORDS)
}

#[tokio::test(start_paused = true)]
async fn a_death_between_any_two_steps_stores_no_offset_early_and_loses_no_record() {
    for seed in 0..200 {
        let mut chance = Chance::new(seed);
        let mut world = World::default();
        let mut deaths = 0;
        loop {
            let steps = chance.below(120);
            let is_complete = run(&mut world, &mut chance, steps).await;
            world.check(seed, deaths);
            if is_complete {
                break;
            }
            deaths += 1;
            assert!(deaths < 10_000, "seed {seed} comes to no end");
        }
        let all = usize::from(PARTITIONS) * usize::try_from(RECORDS).unwrap();
        assert_eq!(world.topic.len(), all, "seed {seed}");
    }
}
