//! A group of workers that do what they are told, without a broker between them.

mod eager;
mod laws;
mod traces;

use std::fmt::Write as _;

use super::super::protocol::ProtocolError;
use super::*;

/// A worker of the group.
struct Member {
    held: Option<Assignment>,
    /// The last generation whose assignment it got.
    completed: i32,
    assignor: Assignor,
}

struct Group {
    subprotocol: Subprotocol,
    max_delay: Duration,
    members: BTreeMap<String, Member>,
    leader: String,
    generation: i32,
    config_offset: i64,
    configured: BTreeMap<ConnectorName, u32>,
    now: Instant,
}

impl Group {
    fn new(max_delay_ms: u64) -> Self {
        Self {
            subprotocol: Subprotocol::Sessioned,
            max_delay: Duration::from_millis(max_delay_ms),
            members: BTreeMap::new(),
            leader: String::new(),
            generation: 0,
            config_offset: 0,
            configured: BTreeMap::new(),
            now: Instant::now(),
        }
    }

    fn configure(&mut self, connector: &str, tasks: u32) {
        self.configured.insert(connector.into(), tasks);
        self.config_offset += 1;
    }

    fn delete(&mut self, connector: &str) {
        self.configured.remove(&connector.into());
        self.config_offset += 1;
    }

    /// The first to join is the leader.
    fn join(&mut self, member: &str) {
        if self.members.is_empty() {
            member.clone_into(&mut self.leader);
        }
        let new = Member {
            held: None,
            completed: -1,
            assignor: Assignor::new(self.max_delay),
        };
        self.members.insert(member.to_owned(), new);
    }

    /// If it was the leader, another one is.
    fn leave(&mut self, member: &str) -> Option<Member> {
        let gone = self.members.remove(member);
        if !self.members.contains_key(&self.leader) {
            self.leader = self.members.keys().next().cloned().unwrap_or_default();
        }
        gone
    }

    fn wait(&mut self, millis: u64) {
        self.now += Duration::from_millis(millis);
    }

    fn work(&self) -> ClusterWork {
        let connectors = self.configured.iter();
        ClusterWork {
            config_offset: self.config_offset,
            connectors: connectors
                .map(|(name, count)| (name.clone(), *count))
                .collect(),
        }
    }

    /// What a member tells of itself, sent and received.
    fn metadata(&self, id: &str, member: &Member) -> Result<WorkerMetadata, ProtocolError> {
        let metadata = WorkerMetadata {
            url: format!("http://{id}/"),
            config_offset: self.config_offset,
            allocation: member.held.clone(),
        };
        WorkerMetadata::decode(&metadata.encode(self.subprotocol)?)
    }

    fn election(&self) -> Election {
        let members = self.members.iter();
        let members = members.map(|(id, it)| (id.clone(), self.metadata(id, it).unwrap()));
        Election {
            members: members.collect(),
            leader: self.leader.clone(),
            generation: self.generation,
            last_completed_generation: self.members[&self.leader].completed,
        }
    }

    /// A rebalance up to what the leader answers.
    fn compute(&mut self) -> Assignments {
        self.generation += 1;
        let (election, work, now) = (self.election(), self.work(), self.now);
        let leader = self.members.get_mut(&self.leader).unwrap();
        leader
            .assignor
            .assign(self.subprotocol, &election, &work, now)
    }

    /// A member gets what the leader answered.
    fn deliver(&mut self, id: &str, assignment: &Assignment) {
        let encoded = assignment.encode(self.subprotocol).unwrap();
        let mut told = Assignment::decode(&encoded).unwrap();
        let member = self.members.get_mut(id).unwrap();
        if let Some(held) = &member.held
            && self.subprotocol.is_incremental()
        {
            told.keep(&held.assigned);
        }
        told.revoked = Work::default();
        member.held = Some(told);
        member.completed = self.generation;
    }

    /// A rebalance that reaches everybody.
    fn rebalance(&mut self) -> Assignments {
        let assignments = self.compute();
        for (id, assignment) in &assignments.by_member {
            self.deliver(id, assignment);
        }
        assignments
    }

    /// The same, as text.
    fn round(&mut self) -> String {
        render(&self.rebalance())
    }

    fn held(&self, id: &str) -> Work {
        let held = self.members[id].held.as_ref();
        held.map(|it| it.assigned.clone()).unwrap_or_default()
    }
}

/// A line for each member: `+` before what it is to start, `-` before what it is to stop.
fn render(assignments: &Assignments) -> String {
    let mut text = String::new();
    for (id, assignment) in &assignments.by_member {
        text.push_str(id);
        for (sign, work) in [('+', &assignment.assigned), ('-', &assignment.revoked)] {
            for connector in &work.connectors {
                write!(text, " {sign}{connector}").unwrap();
            }
            for task in &work.tasks {
                write!(text, " {sign}{task}").unwrap();
            }
        }
        text.push('\n');
    }
    let delays = assignments.by_member.values().map(|it| it.delay);
    writeln!(text, "delay {}", delays.max().unwrap().as_millis()).unwrap();
    text
}
