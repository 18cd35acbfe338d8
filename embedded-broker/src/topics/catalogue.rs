//! The journal of topics: what its lines say, and what they say together.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::names;
use super::settings::Overrides;

/// One line of the catalogue journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Fact {
    Topic {
        name: String,
        id: String,
        partitions: u32,
        settings: Overrides,
    },
    Deleted {
        name: String,
    },
    Partitions {
        name: String,
        count: u32,
    },
    Settings {
        name: String,
        settings: Overrides,
    },
    /// Clients deleted the records before an offset.
    Start {
        name: String,
        partition: u32,
        offset: i64,
    },
    /// Producer ids below this one may have been given away.
    ProducerIds {
        below: i64,
    },
}

/// A topic as the journal tells it.
pub(super) struct Told {
    pub(super) id: Uuid,
    pub(super) partitions: u32,
    pub(super) overrides: Overrides,
    pub(super) starts: BTreeMap<u32, i64>,
}

/// What the whole journal tells.
#[derive(Default)]
pub(super) struct Story {
    pub(super) topics: BTreeMap<String, Told>,
    pub(super) deleted: BTreeSet<String>,
    pub(super) producer_ids: i64,
}

/// Puts the facts together.
pub(super) fn tell(facts: Vec<Fact>) -> Result<Story, String> {
    let mut story = Story::default();
    for fact in facts {
        match fact {
            Fact::Topic {
                name,
                id,
                partitions,
                settings,
            } => {
                names::check(&name)?;
                let id = Uuid::parse_str(&id)
                    .map_err(|error| format!("the id of topic {name} cannot be read: {error}"))?;
                let told = Told {
                    id,
                    partitions,
                    overrides: settings,
                    starts: BTreeMap::new(),
                };
                story.deleted.remove(&name);
                story.topics.insert(name, told);
            }
            Fact::Deleted { name } => {
                story.topics.remove(&name);
                story.deleted.insert(name);
            }
            Fact::Partitions { name, count } => known(&mut story, &name)?.partitions = count,
            Fact::Settings { name, settings } => known(&mut story, &name)?.overrides = settings,
            Fact::Start {
                name,
                partition,
                offset,
            } => {
                known(&mut story, &name)?.starts.insert(partition, offset);
            }
            Fact::ProducerIds { below } => story.producer_ids = below,
        }
    }
    Ok(story)
}

fn known<'a>(story: &'a mut Story, name: &str) -> Result<&'a mut Told, String> {
    let topic = story.topics.get_mut(name);
    topic.ok_or_else(|| format!("an entry is about topic {name}, which does not exist"))
}
