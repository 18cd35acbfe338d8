//! Who has too much, and who gets what is new.

use std::hash::Hash;

use indexmap::IndexSet;

use super::super::protocol::Work;
use super::Held;

/// What each member has to give up, so that others can have as much. Members that give up nothing
/// are left out.
pub(super) fn surplus(configured: &Work, held: &Held) -> Held {
    let mut surplus = Held::new();
    if configured.is_empty() {
        return surplus;
    }
    let total = configured.connectors.len();
    for (member, connectors) in surplus_of(total, held, |work| &work.connectors) {
        surplus.entry(member).or_default().connectors = connectors;
    }
    let total = configured.tasks.len();
    for (member, tasks) in surplus_of(total, held, |work| &work.tasks) {
        surplus.entry(member).or_default().tasks = tasks;
    }
    surplus
}

/// The same for connectors or for tasks, of which there are `total`. What a member reported first
/// goes first.
fn surplus_of<T>(
    total: usize,
    held: &Held,
    of: fn(&Work) -> &IndexSet<T>,
) -> Vec<(String, IndexSet<T>)>
where
    T: Clone + Eq + Hash,
{
    let Some(fair) = total.checked_div(held.len()) else {
        return Vec::new();
    };
    // So many members may have one more than the others.
    let mut extra = total % held.len();
    let mut surplus = Vec::new();
    for (member, work) in held {
        let items = of(work);
        if items.len() <= fair {
            continue;
        }
        let mut allowed = fair;
        if extra > 0 {
            extra -= 1;
            allowed += 1;
        }
        let too_many = items.len() - allowed;
        if too_many > 0 {
            let first = items.iter().take(too_many).cloned();
            surplus.push((member.clone(), first.collect()));
        }
    }
    surplus
}

/// Gives connectors, then tasks, to those who have the fewest of them.
pub(super) fn hand_out(work: Work, held: &mut Held) {
    hand_out_of(work.connectors, held, |work| &mut work.connectors);
    hand_out_of(work.tasks, held, |work| &mut work.tasks);
}

/// One for each of those who have the fewest, by id, until nothing is left.
fn hand_out_of<T: Eq + Hash>(
    items: IndexSet<T>,
    held: &mut Held,
    of: fn(&mut Work) -> &mut IndexSet<T>,
) {
    let mut members: Vec<_> = held.values_mut().map(of).collect();
    members.sort_by_key(|it| it.len());

    let mut items = items.into_iter();
    while let Some(fewest) = members.first().map(|it| it.len()) {
        for member in members.iter_mut().take_while(|it| it.len() <= fewest) {
            let Some(item) = items.next() else { return };
            member.insert(item);
        }
    }
}
