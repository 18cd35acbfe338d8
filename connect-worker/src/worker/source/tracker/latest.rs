//! The newest known position of each source partition.

use std::collections::HashMap;

use connect_core::source::Position;

/// One position for each source partition.
#[derive(Debug, Default)]
pub(super) struct LatestPositions {
    /// By hash of the partition; almost always one in each list.
    positions: HashMap<u64, Vec<Box<dyn Position>>>,
}

impl LatestPositions {
    /// Adds a position, in place of an older one of the same partition.
    pub(super) fn put(&mut self, position: Box<dyn Position>) {
        let alike = self.positions.entry(position.partition_hash()).or_default();
        match alike.iter_mut().find(|it| it.same_partition(&*position)) {
            Some(older) => *older = position,
            None => alike.push(position),
        }
    }

    /// Adds a position unless there is a newer one of the same partition.
    pub(super) fn put_if_absent(&mut self, position: Box<dyn Position>) {
        if !self.contains(&*position) {
            self.put(position);
        }
    }

    /// Whether there is a position of the same partition.
    pub(super) fn contains(&self, position: &dyn Position) -> bool {
        let alike = self.positions.get(&position.partition_hash());
        alike.is_some_and(|alike| alike.iter().any(|it| it.same_partition(position)))
    }

    /// Takes all positions.
    pub(super) fn take(&mut self) -> Vec<Box<dyn Position>> {
        self.positions
            .drain()
            .flat_map(|(_, alike)| alike)
            .collect()
    }
}
