//! Everything is dealt out anew in every round.

use super::super::protocol::Work;
use super::{Election, Held, Plan};

/// Goes round the members with all connectors and then, from the next member on, all tasks.
pub(super) fn plan(election: &Election, configured: Work) -> Plan {
    let members: Vec<_> = election.members.keys().collect();
    let mut held = Held::new();
    let mut turns = members.iter().cycle();
    for connector in configured.connectors {
        let Some(member) = turns.next() else { break };
        let work = held.entry((*member).clone()).or_default();
        work.connectors.insert(connector);
    }
    for task in configured.tasks {
        let Some(member) = turns.next() else { break };
        held.entry((*member).clone())
            .or_default()
            .tasks
            .insert(task);
    }
    Plan {
        assigned: held.clone(),
        held,
        ..Plan::default()
    }
}
