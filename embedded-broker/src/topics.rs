//! The topics of a broker and everything else that its catalogue journal remembers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::{Rc, Weak};

use kafka_protocol::ResponseError;
use tokio::sync::Notify;
use tracing::{info, warn};
use uuid::Uuid;

use crate::config::SyncPolicy;
use crate::error::{BrokerError, at};
use crate::journal::Journal;
use crate::log::{CleaningRules, Log, Rolling};
use crate::refusal::Refusal;
use catalogue::{Fact, Told, tell};
use settings::{Meaning, Overrides};

mod catalogue;
pub(crate) mod names;
pub(crate) mod settings;

/// Producer ids that one line of the journal sets aside.
const PRODUCER_ID_BLOCK: i64 = 1000;
/// More partitions than this in one topic are a mistake.
const MAX_PARTITIONS: u32 = 10_000;

/// A topic.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) id: Uuid,
    pub(crate) overrides: Overrides,
    pub(crate) meaning: Meaning,
    pub(crate) partitions: Vec<Partition>,
}

/// A partition and those who wait for its next record.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) log: Log,
    waiting: Vec<Weak<Notify>>,
    /// The offset that clients deleted up to, as far as the journal knows.
    deleted_before: i64,
}

impl Partition {
    /// Wakes `waiter` when the next record comes.
    pub(crate) fn wait(&mut self, waiter: &Rc<Notify>) {
        self.waiting.retain(|it| it.strong_count() > 0);
        self.waiting.push(Rc::downgrade(waiter));
    }

    /// Wakes everybody who waits.
    pub(crate) fn wake(&mut self) {
        for waiter in self.waiting.drain(..).filter_map(|it| it.upgrade()) {
            waiter.notify_one();
        }
    }
}

/// A topic that somebody wants.
#[derive(Clone, Debug)]
pub(crate) struct NewTopic {
    pub(crate) name: String,
    pub(crate) partitions: u32,
    pub(crate) overrides: Overrides,
}

/// All topics.
#[derive(Debug)]
pub(crate) struct Topics {
    dir: PathBuf,
    journal: Journal<Fact>,
    topics: BTreeMap<String, Topic>,
    default_max_message_bytes: u32,
    next_producer_id: i64,
    reserved_producer_ids: i64,
}

impl Topics {
    /// Opens the topics in a broker's data folder.
    ///
    /// # Errors
    /// When a file cannot be read or is damaged.
    pub(crate) fn open(
        data_dir: &Path,
        default_max_message_bytes: u32,
        sync: SyncPolicy,
    ) -> Result<Self, BrokerError> {
        let dir = data_dir.join("topics");
        fs::create_dir_all(&dir).map_err(at(&dir))?;
        let path = data_dir.join("catalogue");
        let (journal, facts) = Journal::open(path.clone(), sync)?;
        let story = tell(facts).map_err(|reason| BrokerError::Format { file: path, reason })?;
        let mut topics = Self {
            dir,
            journal,
            topics: BTreeMap::new(),
            default_max_message_bytes,
            next_producer_id: story.producer_ids,
            reserved_producer_ids: story.producer_ids,
        };
        for (name, told) in &story.topics {
            let topic = topics.open_topic(name, told)?;
            topics.topics.insert(name.clone(), topic);
        }
        topics.sweep(&story.deleted)?;
        Ok(topics)
    }

    fn open_topic(&self, name: &str, told: &Told) -> Result<Topic, BrokerError> {
        let partitions: Result<Vec<_>, BrokerError> = (0..told.partitions)
            .map(|index| {
                let deleted_before = told.starts.get(&index).copied().unwrap_or(0);
                Ok(Partition {
                    log: Log::open(self.partition_dir(name, index), deleted_before)?,
                    waiting: Vec::new(),
                    deleted_before,
                })
            })
            .collect();
        Ok(Topic {
            id: told.id,
            meaning: Meaning::of(&told.overrides, self.default_max_message_bytes),
            overrides: told.overrides.clone(),
            partitions: partitions?,
        })
    }

    fn partition_dir(&self, topic: &str, partition: u32) -> PathBuf {
        self.dir.join(format!("{topic}-{partition}"))
    }

    /// Removes the folders of deleted topics that a crash left, and mentions those that belong to
    /// nothing.
    fn sweep(&self, deleted: &BTreeSet<String>) -> Result<(), BrokerError> {
        for entry in fs::read_dir(&self.dir).map_err(at(&self.dir))? {
            let path = entry.map_err(at(&self.dir))?.path();
            let file_name = path.file_name().and_then(|it| it.to_str()).unwrap_or("");
            let Some((topic, partition)) = file_name.rsplit_once('-') else {
                continue;
            };
            let count = self.topics.get(topic).map_or(0, |it| it.partitions.len());
            if partition.parse().is_ok_and(|it: usize| it < count) {
                continue;
            }
            if deleted.contains(topic) {
                fs::remove_dir_all(&path).map_err(at(&path))?;
                info!(folder = %path.display(), "removed what was left of a deleted topic");
            } else {
                warn!(folder = %path.display(), "the folder belongs to no topic");
            }
        }
        Ok(())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Topic> {
        self.topics.get(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Topic)> {
        self.topics
            .iter()
            .map(|(name, topic)| (name.as_str(), topic))
    }

    /// The name of the topic with an id.
    pub(crate) fn name_of(&self, id: Uuid) -> Option<&str> {
        self.iter().find(|(_, topic)| topic.id == id).map(|it| it.0)
    }

    /// A partition and what its topic's settings mean.
    pub(crate) fn partition(
        &mut self,
        topic: &str,
        partition: i32,
    ) -> Result<(Meaning, &mut Partition), Refusal> {
        let index = usize::try_from(partition).map_err(|_| Refusal::unknown_partition())?;
        let topic = self.topics.get_mut(topic);
        let topic = topic.ok_or_else(Refusal::unknown_partition)?;
        let found = topic.partitions.get_mut(index);
        Ok((topic.meaning, found.ok_or_else(Refusal::unknown_partition)?))
    }

    /// All partitions, with the names of their topics and when their segments are sealed.
    pub(crate) fn partitions_mut(
        &mut self,
    ) -> impl Iterator<Item = (&str, i32, Rolling, &mut Partition)> {
        self.topics.iter_mut().flat_map(|(name, topic)| {
            let rolling = topic.meaning.rolling;
            let partitions = (0..).zip(&mut topic.partitions);
            partitions.map(move |(index, partition)| (name.as_str(), index, rolling, partition))
        })
    }

    /// The log of a partition, and the id of its topic.
    pub(crate) fn log_of(&mut self, topic: &str, partition: i32) -> Option<(Uuid, &mut Log)> {
        let topic = self.topics.get_mut(topic)?;
        let index = usize::try_from(partition).ok()?;
        let partition = topic.partitions.get_mut(index)?;
        Some((topic.id, &mut partition.log))
    }

    /// The partitions that are compacted, and how.
    pub(crate) fn compacted(&self) -> Vec<(String, i32, CleaningRules)> {
        let mut compacted = Vec::new();
        for (name, topic) in &self.topics {
            if let Some(rules) = topic.meaning.cleaning {
                let partitions = (0..).take(topic.partitions.len());
                compacted.extend(partitions.map(|index| (name.clone(), index, rules)));
            }
        }
        compacted
    }

    /// The partitions of which much is not on the disk yet.
    pub(crate) fn wanting_checkpoints(&self) -> Vec<(String, i32)> {
        let mut wanting = Vec::new();
        for (name, topic) in &self.topics {
            let partitions = (0..).zip(&topic.partitions);
            let wanted = partitions.filter(|(_, it)| it.log.wants_checkpoint());
            wanting.extend(wanted.map(|(index, _)| (name.clone(), index)));
        }
        wanting
    }

    pub(crate) fn has_partition(&self, topic: &str, partition: i32) -> bool {
        let count = self.get(topic).map_or(0, |it| it.partitions.len());
        usize::try_from(partition).is_ok_and(|it| it < count)
    }

    /// Whether a topic could be made.
    pub(crate) fn check_new(&self, new: &NewTopic) -> Result<(), Refusal> {
        let name = new.name.as_str();
        names::check(name).map_err(|why| {
            let text = format!("Topic name is invalid: {why}");
            Refusal::new(ResponseError::InvalidTopicException, text)
        })?;
        if self.topics.contains_key(name) {
            let text = format!("Topic '{name}' already exists.");
            return Err(Refusal::new(ResponseError::TopicAlreadyExists, text));
        }
        if let Some(other) = self.topics.keys().find(|it| names::collide(it, name)) {
            let text = format!("Topic '{name}' collides with existing topic: {other}");
            return Err(Refusal::new(ResponseError::InvalidTopicException, text));
        }
        check_count(new.partitions)?;
        settings::check(&new.overrides)
            .map_err(|text| Refusal::new(ResponseError::InvalidConfig, text))
    }

    /// Makes a topic.
    pub(crate) fn create(&mut self, new: NewTopic) -> Result<&Topic, Refusal> {
        self.check_new(&new)?;
        for index in 0..new.partitions {
            if self.partition_dir(&new.name, index).exists() {
                let dir = self.partition_dir(&new.name, index);
                warn!(folder = %dir.display(), "a topic cannot be made: its folder exists");
                let text = format!("the storage of topic '{}' holds other data", new.name);
                return Err(Refusal::new(ResponseError::KafkaStorageError, text));
            }
        }
        let told = Told {
            id: Uuid::new_v4(),
            partitions: new.partitions,
            overrides: new.overrides,
            starts: BTreeMap::new(),
        };
        let topic = self.open_topic(&new.name, &told).map_err(|error| {
            warn!(%error, "a topic cannot be made");
            Refusal::new(ResponseError::KafkaStorageError, error.to_string())
        })?;
        self.record(&Fact::Topic {
            name: new.name.clone(),
            id: topic.id.to_string(),
            partitions: new.partitions,
            settings: topic.overrides.clone(),
        })?;
        Ok(self.topics.entry(new.name).or_insert(topic))
    }

    /// Deletes a topic and its records.
    pub(crate) fn delete(&mut self, name: &str) -> Result<(), Refusal> {
        if !self.topics.contains_key(name) {
            return Err(Refusal::unknown_partition());
        }
        self.record(&Fact::Deleted {
            name: name.to_owned(),
        })?;
        let mut topic = self.topics.remove(name).expect("was just seen");
        let dirs: Vec<PathBuf> = (0..)
            .map(|index| self.partition_dir(name, index))
            .take(topic.partitions.len())
            .collect();
        for partition in &mut topic.partitions {
            partition.wake();
        }
        drop(topic);
        for dir in dirs {
            match fs::remove_dir_all(&dir) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Refusal::storage(dir.display(), &error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether a topic could have this many partitions from now on.
    pub(crate) fn check_partitions(&self, name: &str, count: u32) -> Result<(), Refusal> {
        let topic = self.get(name).ok_or_else(Refusal::unknown_partition)?;
        check_count(count)?;
        let now = topic.partitions.len();
        let wanted = usize::try_from(count).unwrap_or(usize::MAX);
        if wanted > now {
            return Ok(());
        }
        let text = if wanted == now {
            format!("Topic already has {now} partition(s).")
        } else {
            format!(
                "The topic {name} currently has {now} partition(s); {wanted} would not be an \
                 increase."
            )
        };
        Err(Refusal::new(ResponseError::InvalidPartitions, text))
    }

    /// Gives a topic more partitions.
    pub(crate) fn add_partitions(&mut self, name: &str, count: u32) -> Result<(), Refusal> {
        self.check_partitions(name, count)?;
        let now = self.get(name).map_or(0, |it| it.partitions.len());
        let now = u32::try_from(now).expect("the count was limited when it was set");
        let mut more = Vec::new();
        for index in now..count {
            let dir = self.partition_dir(name, index);
            let log = Log::open(dir, 0).map_err(|error| {
                warn!(%error, "a partition cannot be made");
                Refusal::new(ResponseError::KafkaStorageError, error.to_string())
            })?;
            more.push(Partition {
                log,
                waiting: Vec::new(),
                deleted_before: 0,
            });
        }
        self.record(&Fact::Partitions {
            name: name.to_owned(),
            count,
        })?;
        let topic = self.topics.get_mut(name).expect("was just seen");
        topic.partitions.extend(more);
        Ok(())
    }

    /// Replaces the settings of a topic.
    pub(crate) fn set_overrides(&mut self, name: &str, to: Overrides) -> Result<(), Refusal> {
        if !self.topics.contains_key(name) {
            return Err(Refusal::unknown_partition());
        }
        settings::check(&to).map_err(|text| Refusal::new(ResponseError::InvalidConfig, text))?;
        self.record(&Fact::Settings {
            name: name.to_owned(),
            settings: to.clone(),
        })?;
        let meaning = Meaning::of(&to, self.default_max_message_bytes);
        let topic = self.topics.get_mut(name).expect("was just seen");
        topic.meaning = meaning;
        topic.overrides = to;
        Ok(())
    }

    /// Deletes the records of a partition before an offset; -1 is the end. Returns where the
    /// partition begins now.
    pub(crate) fn delete_records(
        &mut self,
        name: &str,
        partition: i32,
        offset: i64,
    ) -> Result<i64, Refusal> {
        let (_, found) = self.partition(name, partition)?;
        let end = found.log.next_offset();
        let offset = if offset == -1 { end } else { offset };
        if offset < 0 || offset > end {
            let text = format!("offset {offset} is outside of the partition, which ends at {end}");
            return Err(Refusal::new(ResponseError::OffsetOutOfRange, text));
        }
        if offset <= found.log.start_offset() {
            return Ok(found.log.start_offset());
        }
        self.record(&Fact::Start {
            name: name.to_owned(),
            partition: partition.unsigned_abs(),
            offset,
        })?;
        let (_, found) = self.partition(name, partition)?;
        found.deleted_before = offset;
        let removed = found.log.delete_before(offset);
        removed.map_err(|error| Refusal::storage(format_args!("{name}-{partition}"), &error))?;
        Ok(offset)
    }

    /// A producer id that nobody has, not even after a crash.
    pub(crate) fn new_producer_id(&mut self) -> Result<i64, Refusal> {
        if self.next_producer_id == self.reserved_producer_ids {
            let below = self.reserved_producer_ids + PRODUCER_ID_BLOCK;
            self.record(&Fact::ProducerIds { below })?;
            self.reserved_producer_ids = below;
        }
        self.next_producer_id += 1;
        Ok(self.next_producer_id - 1)
    }

    fn record(&mut self, fact: &Fact) -> Result<(), Refusal> {
        let written = if self.journal.is_overgrown() {
            let facts = self.facts();
            self.journal.rewrite(&facts)
        } else {
            Ok(())
        };
        written
            .and_then(|()| self.journal.append([fact]))
            .map_err(|error| Refusal::storage("the catalogue", &error))
    }

    /// Everything that is true now.
    fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![Fact::ProducerIds {
            below: self.reserved_producer_ids,
        }];
        for (name, topic) in &self.topics {
            facts.push(Fact::Topic {
                name: name.clone(),
                id: topic.id.to_string(),
                partitions: u32::try_from(topic.partitions.len()).expect("the count is limited"),
                settings: topic.overrides.clone(),
            });
            for (partition, state) in (0..).zip(&topic.partitions) {
                if state.deleted_before > 0 {
                    facts.push(Fact::Start {
                        name: name.clone(),
                        partition,
                        offset: state.deleted_before,
                    });
                }
            }
        }
        facts
    }

    /// Deletes what topics do not keep any longer.
    pub(crate) fn retain(&mut self, now: i64) {
        for (name, topic) in &mut self.topics {
            let Some(retention) = topic.meaning.retention else {
                continue;
            };
            for (index, partition) in topic.partitions.iter_mut().enumerate() {
                match partition.log.retain(retention, now) {
                    Ok(false) => {}
                    Ok(true) => {
                        let start = partition.log.start_offset();
                        info!(
                            topic = name,
                            partition = index,
                            start,
                            "deleted old records"
                        );
                    }
                    Err(error) => {
                        warn!(topic = name, partition = index, %error, "cannot delete old records");
                    }
                }
            }
        }
    }

    /// Waits until the system has put everything on the disk, and writes that down.
    pub(crate) fn checkpoint(&mut self) -> io::Result<()> {
        for (_, _, _, partition) in self.partitions_mut() {
            let checkpoint = partition.log.begin_checkpoint()?;
            checkpoint.sync()?;
            partition.log.end_checkpoint(checkpoint)?;
        }
        self.journal.sync()
    }
}

fn check_count(partitions: u32) -> Result<(), Refusal> {
    if partitions == 0 {
        let text = "Number of partitions must be larger than 0.";
        return Err(Refusal::new(ResponseError::InvalidPartitions, text));
    }
    if partitions > MAX_PARTITIONS {
        let text = format!("Number of partitions must be at most {MAX_PARTITIONS}.");
        return Err(Refusal::new(ResponseError::InvalidPartitions, text));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
