//! The offsets that groups have committed.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::config::SyncPolicy;
use crate::error::BrokerError;
use crate::journal::Journal;

/// A topic and a partition.
pub(crate) type Place = (String, i32);

/// A committed offset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Committed {
    pub(crate) offset: i64,
    pub(crate) leader_epoch: i32,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) metadata: String,
}

/// One line of the journal; without an offset, the commit is deleted.
#[derive(Debug, Serialize, Deserialize)]
struct Fact {
    group: String,
    topic: String,
    partition: i32,
    committed: Option<Committed>,
}

/// The committed offsets of all groups.
#[derive(Debug)]
pub(crate) struct Offsets {
    journal: Journal<Fact>,
    groups: BTreeMap<String, BTreeMap<Place, Committed>>,
}

impl Offsets {
    /// Opens the offsets in a broker's data folder.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged.
    pub(crate) fn open(data_dir: &Path, sync: SyncPolicy) -> Result<Self, BrokerError> {
        let (journal, facts) = Journal::open(data_dir.join("offsets"), sync)?;
        let mut groups = BTreeMap::new();
        for fact in facts {
            apply(&mut groups, fact);
        }
        Ok(Self { journal, groups })
    }

    pub(crate) fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.keys().map(String::as_str)
    }

    /// What a group has committed.
    pub(crate) fn of(&self, group: &str) -> Option<&BTreeMap<Place, Committed>> {
        self.groups.get(group)
    }

    /// Stores commits of a group.
    pub(crate) fn commit(
        &mut self,
        group: &str,
        commits: Vec<(Place, Committed)>,
    ) -> io::Result<()> {
        let facts = commits
            .into_iter()
            .map(|((topic, partition), committed)| Fact {
                group: group.to_owned(),
                topic,
                partition,
                committed: Some(committed),
            });
        self.record(facts.collect())
    }

    /// Deletes commits of a group.
    pub(crate) fn delete(&mut self, group: &str, places: Vec<Place>) -> io::Result<()> {
        let facts = places.into_iter().map(|(topic, partition)| Fact {
            group: group.to_owned(),
            topic,
            partition,
            committed: None,
        });
        self.record(facts.collect())
    }

    /// Deletes all commits of a group.
    pub(crate) fn delete_group(&mut self, group: &str) -> io::Result<()> {
        let places = self.of(group).map(|it| it.keys().cloned().collect());
        self.delete(group, places.unwrap_or_default())
    }

    /// Deletes what all groups have committed for a topic.
    pub(crate) fn delete_topic(&mut self, topic: &str) -> io::Result<()> {
        let mut facts = Vec::new();
        for (group, commits) in &self.groups {
            let places = commits.keys().filter(|it| it.0 == topic);
            facts.extend(places.map(|(topic, partition)| Fact {
                group: group.clone(),
                topic: topic.clone(),
                partition: *partition,
                committed: None,
            }));
        }
        self.record(facts)
    }

    fn record(&mut self, facts: Vec<Fact>) -> io::Result<()> {
        if self.journal.is_overgrown() {
            let all = self.facts();
            self.journal.rewrite(&all)?;
        }
        self.journal.append(&facts)?;
        for fact in facts {
            apply(&mut self.groups, fact);
        }
        Ok(())
    }

    fn facts(&self) -> Vec<Fact> {
        let mut facts = Vec::new();
        for (group, commits) in &self.groups {
            facts.extend(commits.iter().map(|((topic, partition), committed)| Fact {
                group: group.clone(),
                topic: topic.clone(),
                partition: *partition,
                committed: Some(committed.clone()),
            }));
        }
        facts
    }

    /// Waits until the system has put everything on the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.journal.sync()
    }
}

fn apply(groups: &mut BTreeMap<String, BTreeMap<Place, Committed>>, fact: Fact) {
    let place = (fact.topic, fact.partition);
    match fact.committed {
        Some(committed) => {
            groups
                .entry(fact.group)
                .or_default()
                .insert(place, committed);
        }
        None => {
            if let Some(commits) = groups.get_mut(&fact.group) {
                commits.remove(&place);
                if commits.is_empty() {
                    groups.remove(&fact.group);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(dir: &Path) -> Offsets {
        Offsets::open(dir, SyncPolicy::AtShutdown).unwrap()
    }

    fn at(offset: i64) -> Committed {
        Committed {
            offset,
            leader_epoch: -1,
            metadata: String::new(),
        }
    }

    #[test]
    fn commits_survive_and_the_journal_stays_small() {
        let dir = tempfile::tempdir().unwrap();
        let mut offsets = open(dir.path());
        for offset in 0..20_000 {
            let place = ("topic".to_owned(), 0);
            offsets.commit("group", vec![(place, at(offset))]).unwrap();
        }
        drop(offsets);

        let offsets = open(dir.path());

        let place = ("topic".to_owned(), 0);
        assert_eq!(offsets.of("group").unwrap()[&place], at(19_999));
        let length = std::fs::metadata(dir.path().join("offsets")).unwrap().len();
        assert!(length < 512 * 1024, "{length}");
    }

    #[test]
    fn a_group_ends_with_its_last_commit() {
        let dir = tempfile::tempdir().unwrap();
        let mut offsets = open(dir.path());
        let commits = ["a", "b"].map(|topic| ((topic.to_owned(), 0), at(1)));
        offsets.commit("group", commits.into()).unwrap();

        offsets.delete_topic("a").unwrap();
        assert_eq!(offsets.of("group").unwrap().len(), 1);
        offsets.delete_group("group").unwrap();

        assert_eq!(offsets.groups().count(), 0);
        assert_eq!(open(dir.path()).groups().count(), 0);
    }
}
