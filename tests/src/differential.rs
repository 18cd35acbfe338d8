//! Random data, and what we and the reference make of it: the same outcome, bytes and kind of error.

mod chance;
mod converters;
mod ours;
mod transforms;
mod values;

use std::fmt;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::Value as Json;

use crate::kafka::Reference;

pub use chance::Chance;
pub use ours::{answer, converter, transform};

/// How many cases are asked for at a time.
const BATCH: usize = 500;

/// What is compared.
#[derive(Clone, Copy)]
pub struct Subject {
    /// Its name.
    pub name: &'static str,
    generate: fn(&mut Chance) -> Json,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A request that is not answered alike.
#[derive(Debug)]
pub struct Difference {
    /// The request.
    pub request: Json,
    /// What the reference answers.
    pub reference: Json,
    /// What we answer.
    pub ours: Json,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            request,
            reference,
            ours,
        } = self;
        write!(
            f,
            "{request}\n  reference: {reference}\n  ours:      {ours}"
        )
    }
}

/// Everything that is compared.
pub fn subjects() -> impl Iterator<Item = Subject> {
    transforms::SUBJECTS
        .iter()
        .chain(converters::SUBJECTS)
        .copied()
}

/// Compares so many cases; the first differences, at most `most` of them.
pub fn compare(
    subject: Subject,
    cases: usize,
    seed: u64,
    reference: &mut Reference,
    most: usize,
) -> Vec<Difference> {
    let mut chance = Chance::new(StdRng::seed_from_u64(seed));
    let mut differences = Vec::new();
    let mut done = 0;
    while done < cases && differences.len() < most {
        let count = BATCH.min(cases - done);
        let requests: Vec<Json> = (0..count)
            .map(|_| (subject.generate)(&mut chance))
            .collect();
        let answers = reference.ask(&requests);
        for (request, theirs) in requests.into_iter().zip(answers) {
            if let Err(difference) = judge(request, theirs) {
                differences.push(*difference);
            }
        }
        done += count;
    }
    differences.truncate(most);
    differences
}

/// Whether one request is answered alike.
fn judge(request: Json, theirs: Json) -> Result<(), Box<Difference>> {
    let (is_same, ours) = match answer(&request) {
        Ok(output) => (
            theirs
                .get("output")
                .is_some_and(|it| sorted(it) == sorted(&output)),
            output,
        ),
        Err(failure) => (
            theirs
                .get("error")
                .is_some_and(|it| crate::vectors::is_expected(it, &failure)),
            format!("{failure:?}").into(),
        ),
    };
    match is_same {
        true => Ok(()),
        false => Err(Box::new(Difference {
            request,
            reference: theirs,
            ours,
        })),
    }
}

/// The same with the entries of maps in one order, since theirs says nothing, and floats by value:
/// Java before 19 shows some with more digits than they need.
fn sorted(json: &Json) -> Json {
    match json {
        Json::Array(elements) => elements.iter().map(sorted).collect(),
        Json::Object(members) => {
            let members = members.iter().map(|(name, value)| {
                let mut value = sorted(value);
                match (name.as_str(), &mut value) {
                    ("map", Json::Array(entries)) => entries.sort_by_key(ToString::to_string),
                    ("f32", Json::String(text)) => {
                        value = text
                            .parse::<f32>()
                            .map_or(Json::Null, |it| it.to_bits().into());
                    }
                    ("f64", Json::String(text)) => {
                        value = text
                            .parse::<f64>()
                            .map_or(Json::Null, |it| it.to_bits().into());
                    }
                    _ => {}
                }
                (name.clone(), value)
            });
            members.collect()
        }
        other => other.clone(),
    }
}
