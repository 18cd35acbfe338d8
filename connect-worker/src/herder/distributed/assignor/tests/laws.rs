//! What holds whatever happens to a group.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// Rounds after which a group that nobody disturbs must have come to rest.
const ENOUGH_ROUNDS: usize = 60;

#[derive(Clone, Copy, Debug)]
enum Event {
    Join,
    /// A worker goes for good.
    Leave(Index),
    /// A worker is not heard of for some time, and does not know it.
    Freeze(Index),
    /// One of those joins under another name, with all that it had.
    Thaw,
    /// A worker has lost the coordinator and stopped all it had.
    Drop(Index),
    /// Somebody else leads.
    Lead(Index),
    /// A connector is created, or has another number of tasks.
    Configure(u8, u32),
    Delete(u8),
    Wait(u64),
    Rebalance,
    /// A rebalance whose result does not reach one of the members.
    RebalanceWithout(Index),
}

fn event() -> impl Strategy<Value = Event> {
    let index = any::<Index>;
    prop_oneof![
        3 => Just(Event::Join),
        2 => index().prop_map(Event::Leave),
        1 => index().prop_map(Event::Freeze),
        1 => Just(Event::Thaw),
        1 => index().prop_map(Event::Drop),
        1 => index().prop_map(Event::Lead),
        4 => (0..5_u8, 0..7_u32).prop_map(|(name, tasks)| Event::Configure(name, tasks)),
        2 => (0..5_u8).prop_map(Event::Delete),
        1 => (0..2_000_u64).prop_map(Event::Wait),
        6 => Just(Event::Rebalance),
        2 => index().prop_map(Event::RebalanceWithout),
    ]
}

/// A group, and workers of it that are not heard of.
struct Story {
    group: Group,
    frozen: Vec<Member>,
    joined: usize,
}

impl Story {
    fn new(max_delay_ms: u64) -> Self {
        let mut story = Self {
            group: Group::new(max_delay_ms),
            frozen: Vec::new(),
            joined: 0,
        };
        story.group.join("w00");
        story
    }

    fn name(&mut self) -> String {
        self.joined += 1;
        format!("w{:02}", self.joined)
    }

    fn pick(&self, index: Index) -> String {
        let names: Vec<_> = self.group.members.keys().collect();
        (*index.get(&names)).clone()
    }

    /// Somebody leaves, unless nobody would be left.
    fn leave(&mut self, index: Index) -> Option<Member> {
        let id = self.pick(index);
        match self.group.members.len() {
            1 => None,
            _ => self.group.leave(&id),
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Join => {
                let name = self.name();
                self.group.join(&name);
            }
            Event::Leave(index) => drop(self.leave(index)),
            Event::Freeze(index) => {
                let gone = self.leave(index);
                self.frozen.extend(gone);
            }
            Event::Thaw => {
                if let Some(member) = self.frozen.pop() {
                    let name = self.name();
                    self.group.members.insert(name, member);
                }
            }
            Event::Drop(index) => {
                let id = self.pick(index);
                self.group.members.get_mut(&id).unwrap().held = None;
            }
            Event::Lead(index) => self.group.leader = self.pick(index),
            Event::Configure(name, tasks) => self.group.configure(&format!("c{name}"), tasks),
            Event::Delete(name) => self.group.delete(&format!("c{name}")),
            Event::Wait(millis) => self.group.wait(millis),
            Event::Rebalance => drop(self.rebalance(None)),
            Event::RebalanceWithout(index) => {
                let deaf = self.pick(index);
                drop(self.rebalance(Some(&deaf)));
            }
        }
    }

    /// Nothing gets into two places that was not in two.
    fn rebalance(&mut self, deaf: Option<&str>) -> Assignments {
        let before = self.holders();
        let assignments = self.group.compute();
        for (id, assignment) in &assignments.by_member {
            if Some(id.as_str()) != deaf {
                self.group.deliver(id, assignment);
            }
        }
        for (item, holders) in self.holders() {
            let reported = before.get(&item).map_or(0, BTreeSet::len);
            assert!(
                holders.len() < 2 || reported > 1,
                "{item} is in {holders:?} after {assignments:#?}"
            );
        }
        if deaf.is_none() {
            self.check_owners(&assignments.owners);
        }
        assignments
    }

    /// Who is said to have something has it, and nobody else.
    fn check_owners(&self, owners: &Owners) {
        let connectors = owners.connectors.iter();
        let connectors = connectors.map(|(name, url)| (name.to_string(), url));
        let tasks = owners.tasks.iter().map(|(id, url)| (id.to_string(), url));
        let stated = connectors.chain(tasks);
        let stated: BTreeMap<_, _> = stated
            .map(|(item, url)| (item, BTreeSet::from([url.to_string()])))
            .collect();

        let url = |id: &String| format!("http://{id}/");
        let holders = self.holders().into_iter();
        let held = holders.map(|(item, ids)| (item, ids.iter().map(url).collect()));
        assert_eq!(stated, held.collect());
    }

    /// Who has each connector and task, by their names.
    fn holders(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut holders: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for id in self.group.members.keys() {
            for item in items(&self.group.held(id)) {
                holders.entry(item).or_default().insert(id.clone());
            }
        }
        holders
    }

    /// Rebalances until nothing has changed twice; what has been deleted may take one quiet round.
    fn come_to_rest(&mut self) {
        let mut quiet = 0;
        for _ in 0..ENOUGH_ROUNDS {
            let assignments = self.rebalance(None);
            let told = assignments.by_member.values();
            let delay = told.clone().map(|it| it.delay).max().unwrap();
            let mut told = told.map(|it| it.assigned.is_empty() && it.revoked.is_empty());
            quiet = match told.all(|nothing| nothing) && delay.is_zero() {
                true => quiet + 1,
                false => 0,
            };
            if quiet == 2 {
                return;
            }
            self.group.now += delay;
        }
        panic!("the group does not come to rest");
    }

    /// Everything is in one place, and nobody has two more than another.
    fn check_shared(&self) {
        let expected: BTreeSet<_> = items(&self.group.work().configured()).collect();
        let holders = self.holders();
        assert_eq!(holders.keys().cloned().collect::<BTreeSet<_>>(), expected);
        assert!(holders.values().all(|it| it.len() == 1), "{holders:?}");

        let held = self.group.members.keys().map(|id| self.group.held(id));
        check_fair(held.clone().map(|it| it.connectors.len()));
        check_fair(held.map(|it| it.tasks.len()));
    }
}

fn items(work: &Work) -> impl Iterator<Item = String> {
    let connectors = work.connectors.iter().map(ToString::to_string);
    connectors.chain(work.tasks.iter().map(ToString::to_string))
}

#[track_caller]
fn check_fair(counts: impl Iterator<Item = usize>) {
    let counts: Vec<_> = counts.collect();
    let (most, fewest) = (counts.iter().max().unwrap(), counts.iter().min().unwrap());
    assert!(most - fewest <= 1, "{counts:?}");
}

proptest! {
    #[test]
    fn a_group_comes_to_rest_with_everything_shared(
        max_delay in prop_oneof![Just(0), 1..1_000_u64],
        events in prop::collection::vec(event(), 0..60),
    ) {
        let mut story = Story::new(max_delay);
        for event in events {
            story.happen(event);
        }
        story.come_to_rest();
        story.check_shared();
    }

    #[test]
    fn eager_rounds_share_everything_at_once(
        members in 1..6_usize,
        tasks in prop::collection::vec(0..9_u32, 0..6),
    ) {
        let mut story = Story::new(0);
        story.group.subprotocol = Subprotocol::Eager;
        for (number, count) in tasks.into_iter().enumerate() {
            story.group.configure(&format!("c{number}"), count);
        }
        for _ in 1..members {
            story.happen(Event::Join);
        }
        story.happen(Event::Rebalance);
        story.check_shared();
    }
}
