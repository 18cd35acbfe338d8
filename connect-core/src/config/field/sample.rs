//! Values for samples: what a user could write.

use super::{Constraint, Field};
use crate::config::rules::Rules;
use crate::config::{ConfigType, DefaultValue};

/// What some type or other can read, from the commonest type to the rarest.
const COMMON: [&str; 6] = [
    "1",
    "true",
    "1s",
    "1MiB",
    "127.0.0.1:8080",
    "http://localhost",
];

impl<T: 'static> Field<T> {
    /// A value that is good by itself; `None` when none was found, and for secrets.
    ///
    /// It is the example if there is one, and a value that the rules name otherwise.
    pub(super) fn sample(&self) -> Option<String> {
        if self.kind() == ConfigType::Password {
            return None;
        }
        let mut candidates: Vec<String> =
            self.spec.example.map(str::to_owned).into_iter().collect();
        if let DefaultValue::Text(text) = self.published_default() {
            candidates.push(text.into_owned());
        }
        candidates.extend(self.choices.iter().map(|it| it.name.to_owned()));
        candidates.extend(self.constraints().into_iter().flat_map(values_in));
        let noun = self.spec.name.rsplit('.').next().unwrap_or(self.spec.name);
        candidates.extend([format!("my-{noun}"), noun.to_owned()]);
        candidates.extend(COMMON.map(str::to_owned));
        candidates
            .into_iter()
            .find(|it| !it.is_empty() && self.is_good(it))
    }

    fn is_good(&self, text: &str) -> bool {
        let rules = (self.rules)(Rules::new(self.spec.unit));
        (self.parse)(text, self.spec.unit).is_ok_and(|value| rules.check(&value).is_ok())
    }
}

/// Values that a rule names.
fn values_in(constraint: Constraint) -> Vec<String> {
    match constraint {
        Constraint::Range { min, max } => min.or(max).into_iter().collect(),
        Constraint::OneOf(words) => words.iter().map(|it| (*it).to_owned()).collect(),
        Constraint::Length { .. }
        | Constraint::NonEmptyText
        | Constraint::NonEmptyList
        | Constraint::Matches(_) => Vec::new(),
    }
}
