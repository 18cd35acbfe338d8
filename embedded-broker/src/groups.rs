//! The groups of a broker: who is in them, and what they have committed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::config::SyncPolicy;
use crate::error::BrokerError;
use group::Group;
use offsets::Offsets;

pub(crate) mod group;
pub(crate) mod member;
pub(crate) mod offsets;

/// All groups.
#[derive(Debug)]
pub(crate) struct Groups {
    groups: BTreeMap<String, Group>,
    pub(crate) offsets: Offsets,
    initial_delay: Duration,
}

impl Groups {
    /// Opens the groups in a broker's data folder. Members are not remembered over a restart, they
    /// join again.
    ///
    /// # Errors
    /// When the file of the offsets cannot be read or is damaged.
    pub(crate) fn open(
        data_dir: &Path,
        initial_delay: Duration,
        sync: SyncPolicy,
    ) -> Result<Self, BrokerError> {
        Ok(Self {
            groups: BTreeMap::new(),
            offsets: Offsets::open(data_dir, sync)?,
            initial_delay,
        })
    }

    /// The group with members or a past, if there is one.
    pub(crate) fn get(&self, id: &str) -> Option<&Group> {
        self.groups.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Group> {
        self.groups.get_mut(id)
    }

    /// The group, which begins if there is none.
    pub(crate) fn get_or_begin(&mut self, id: &str) -> &mut Group {
        let initial_delay = self.initial_delay;
        self.groups
            .entry(id.to_owned())
            .or_insert_with(|| Group::new(initial_delay))
    }

    /// Whether there is a group, be it only its commits.
    pub(crate) fn exists(&self, id: &str) -> bool {
        self.groups.contains_key(id) || self.offsets.of(id).is_some()
    }

    /// The names of all groups.
    pub(crate) fn ids(&self) -> BTreeSet<String> {
        let committed = self.offsets.groups().map(str::to_owned);
        self.groups.keys().cloned().chain(committed).collect()
    }

    /// Forgets a group that has no members.
    pub(crate) fn forget(&mut self, id: &str) {
        self.groups.remove(id);
    }

    /// Lets the time do its work and says when to come again.
    pub(crate) fn tick(&mut self, now: Instant) -> Option<Instant> {
        for group in self.groups.values_mut() {
            group.tick(now);
        }
        let offsets = &self.offsets;
        self.groups
            .retain(|id, group| !group.is_idle() || offsets.of(id).is_some());
        let deadlines = self.groups.values().filter_map(Group::next_deadline);
        deadlines.min()
    }
}

/// An id that no other member has, in the shape that tools know: the client's name and a UUID.
pub(crate) fn new_member_id(stem: &str) -> String {
    format!("{stem}-{}", Uuid::new_v4())
}
