//! Random data, and what we and the reference make of it: the same outcome, bytes and kind of error.

mod alike;
mod chance;
mod converters;
pub(crate) mod documents;
pub(crate) mod literals;
mod model;
mod ours;
mod patterns;
mod schemas;
mod settings;
mod texts;
mod transforms;
mod values;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use connect_core::error::panic_text;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value as Json, json};

use self::settings::{Configure, Settings, spoil};
use crate::kafka::Reference;

pub use chance::Chance;
pub use ours::{Answer, Told, answer, converter, encoded, transform};

/// How many cases are asked for at a time.
const BATCH: usize = 500;

/// What is compared.
pub struct Subject {
    /// Its name.
    pub name: String,
    generate: Box<dyn Fn(&mut Chance) -> Json>,
}

impl Subject {
    fn new(name: impl Into<String>, generate: impl Fn(&mut Chance) -> Json + 'static) -> Self {
        Self {
            name: name.into(),
            generate: Box::new(generate),
        }
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
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
#[must_use]
pub fn subjects() -> Vec<Subject> {
    let mut all = Vec::new();
    for (class, configure) in transforms::transforms() {
        all.push(of_records(&class, configure, transforms::transform));
        all.push(of_settings(&class, configure));
    }
    for (class, configure) in transforms::predicates() {
        all.push(of_records(&class, configure, transforms::test));
        all.push(of_settings(&class, configure));
    }
    for class in converters::ALL {
        let name = short(class);
        all.push(Subject::new(format!("{name}, write"), |chance| {
            converters::write(chance, class)
        }));
        all.push(Subject::new(format!("{name}, read"), |chance| {
            converters::read(chance, class)
        }));
        let keys = ours::keys_of(class);
        all.push(Subject::new(format!("{name}, settings"), move |chance| {
            let mut config = converters::config(chance, class);
            spoil(chance, &mut config, &keys);
            json!({"op": "validate", "class": class, "config": config})
        }));
    }
    all.extend([
        Subject::new("Values, parse", literals::parse),
        Subject::new("Values, format", literals::format),
        Subject::new("Values, infer", literals::infer),
        Subject::new("Values, convert", literals::convert),
        Subject::new("Schemas, build", model::build),
        Subject::new("Schemas, equal", model::equal),
        Subject::new("Schemas, fits", model::fits),
        Subject::new("Schemas, toBase", model::to_base),
        Subject::new("Schemas, ofBase", model::of_base),
        Subject::new("Schemas, project", model::project),
    ]);
    all
}

/// The plugin with records; now and then its configuration is a bad one.
fn of_records(
    class: &str,
    configure: Configure,
    request: fn(&mut Chance, &str, &Settings) -> Json,
) -> Subject {
    let keys = ours::keys_of(class);
    let name = short(class).to_owned();
    let class = class.to_owned();
    Subject::new(name, move |chance| {
        let mut config = Settings::new();
        configure(chance, &mut config);
        if chance.percent(4) {
            spoil(chance, &mut config, &keys);
        }
        request(chance, &class, &config)
    })
}

/// What the plugin's definition says of configurations, most of them bad ones.
fn of_settings(class: &str, configure: Configure) -> Subject {
    let keys = ours::keys_of(class);
    let class = class.to_owned();
    Subject::new(format!("{}, settings", short(&class)), move |chance| {
        let mut config = Settings::new();
        configure(chance, &mut config);
        if chance.percent(80) {
            spoil(chance, &mut config, &keys);
        }
        json!({"op": "validate", "class": class, "config": config})
    })
}

fn short(class: &str) -> &str {
    class.rsplit_once('.').map_or(class, |(_, name)| name)
}

/// Compares so many cases; the first differences, at most `most` of them.
pub fn compare(
    subject: &Subject,
    cases: usize,
    seed: u64,
    reference: &mut Reference,
    most: usize,
) -> Vec<Difference> {
    let mut chance = Chance::new(StdRng::seed_from_u64(seed));
    let mut left = cases;
    let mut batch = |reference: &mut Reference| {
        let count = BATCH.min(left);
        left -= count;
        let requests: Vec<Json> = (0..count)
            .map(|_| (subject.generate)(&mut chance))
            .collect();
        reference.send(&requests);
        requests
    };
    let mut differences = Vec::new();
    let mut requests = batch(reference);
    while !requests.is_empty() {
        // The reference answers the next requests while its last answers are judged.
        let next = match differences.len() < most {
            true => batch(reference),
            false => Vec::new(),
        };
        let answers = reference.receive(&requests);
        for (request, theirs) in requests.into_iter().zip(answers) {
            if let Err(difference) = judge(request, theirs) {
                differences.push(*difference);
            }
        }
        requests = next;
    }
    differences.truncate(most);
    differences
}

/// Whether one request is answered alike.
fn judge(request: Json, theirs: Json) -> Result<(), Box<Difference>> {
    let answered = catch_unwind(AssertUnwindSafe(|| answer(&request)));
    let (is_same, ours) = match answered {
        Err(panic) => (false, json!({"panic": panic_text(panic.as_ref())})),
        Ok(Answer::One(told)) => (alike::told(&request, &theirs, &told), shown(&told)),
        Ok(Answer::Many(all)) => {
            let output = theirs["output"].as_array();
            let is_same = output.is_some_and(|theirs| {
                theirs.len() == all.len()
                    && theirs
                        .iter()
                        .zip(&all)
                        .all(|(it, told)| alike::told(&request, it, told))
            });
            (is_same, all.iter().map(shown).collect())
        }
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

fn shown(told: &Told) -> Json {
    match told {
        Ok(output) => json!({"output": output}),
        Err(failure) => json!({"error": format!("{failure:?}")}),
    }
}
