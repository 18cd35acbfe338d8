//! One key, in the words that all forms of a reference share.

use super::text::{Quote, first_paragraph, plain};
use crate::config::{
    Choice, ConfigDef, ConfigKey, ConfigType, Constraint, DefaultValue, KeyAlias, KeyCondition,
    KeyDetails, Unit,
};

/// A key with all that is known of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'a> {
    pub(super) published: &'a ConfigKey,
    details: Option<&'a KeyDetails>,
}

/// What another key must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition<'a> {
    pub(super) key: &'a str,
    /// One of these.
    pub(super) values: Vec<&'a str>,
}

/// The keys that are meant for users.
pub(super) fn keys(definition: &ConfigDef) -> impl Iterator<Item = Key<'_>> {
    all_keys(definition).filter(|it| !it.is_internal())
}

pub(super) fn all_keys(definition: &ConfigDef) -> impl Iterator<Item = Key<'_>> {
    definition.keys().iter().map(|published| Key {
        published,
        details: definition.details(&published.name),
    })
}

impl<'a> Key<'a> {
    pub(super) fn name(self) -> &'a str {
        &self.published.name
    }

    pub(super) fn kind(self) -> ConfigType {
        self.published.kind
    }

    pub(super) fn is_secret(self) -> bool {
        self.kind() == ConfigType::Password
    }

    pub(super) fn is_internal(self) -> bool {
        self.details.is_some_and(|it| it.is_internal)
    }

    pub(super) fn summary(self) -> &'a str {
        first_paragraph(&self.published.documentation)
    }

    pub(super) fn choices(self) -> &'a [Choice] {
        self.details.map_or(&[], |it| it.choices)
    }

    pub(super) fn ignores_case(self) -> bool {
        self.details.is_some_and(|it| it.ignores_case)
    }

    pub(super) fn constraints(self) -> &'a [Constraint] {
        self.details.map_or(&[], |it| &it.constraints)
    }

    pub(super) fn aliases(self) -> &'a [KeyAlias] {
        self.details.map_or(&[], |it| &it.aliases)
    }

    pub(super) fn unit(self) -> Unit {
        self.details.map_or(Unit::None, |it| it.unit)
    }

    pub(super) fn example(self) -> Option<&'a str> {
        self.details?.example
    }

    pub(super) fn sample(self) -> Option<&'a str> {
        self.details?.sample.as_deref()
    }

    pub(super) fn since(self) -> Option<&'a str> {
        self.details?.since
    }

    pub(super) fn visible_if(self) -> Option<&'a KeyCondition> {
        self.details?.visible_if.as_ref()
    }

    pub(super) fn required_if(self) -> Option<&'a KeyCondition> {
        self.details?.required_if.as_ref()
    }

    pub(super) fn conflicts(self) -> impl Iterator<Item = &'a str> {
        let details = self.details.into_iter();
        details.flat_map(|it| it.conflicts_with.iter().map(AsRef::as_ref))
    }

    /// The default as users write it; `None` when there is none, or none that is a value.
    pub(super) fn default(self) -> Option<&'a str> {
        match &self.published.default {
            DefaultValue::Text(text) => Some(text),
            DefaultValue::Required | DefaultValue::Null => None,
        }
    }

    /// What must hold so that the key means something.
    pub(super) fn applies_when(self) -> Vec<Condition<'a>> {
        let shown = self.visible_if().map(Condition::one);
        self.is_read_when().chain(shown).collect()
    }

    /// What must hold so that the key has to be given; `None` when it never has to be.
    pub(super) fn required_when(self) -> Option<Vec<Condition<'a>>> {
        match (&self.published.default, self.required_if()) {
            (DefaultValue::Required, _) => Some(self.is_read_when().collect()),
            (_, Some(needed)) => {
                let needed = Condition::one(needed);
                Some(self.is_read_when().chain([needed]).collect())
            }
            (DefaultValue::Null | DefaultValue::Text(_), None) => None,
        }
    }

    /// Keys of a variant are read when the variant is chosen.
    fn is_read_when(self) -> impl Iterator<Item = Condition<'a>> {
        let variants = self.details.into_iter().flat_map(|it| &it.applies_if);
        variants.map(|it| Condition {
            key: &it.key,
            values: it.values.clone(),
        })
    }

    /// Which values are good; `None` if all of the type are.
    pub(super) fn values(self, quote: Quote) -> Option<String> {
        let names: Vec<_> = self.choices().iter().map(|it| quote(it.name)).collect();
        let case = match self.ignores_case() {
            true => ", in any case",
            false => "",
        };
        let choices = (!names.is_empty()).then(|| format!("{}{case}", names.join(", ")));
        let is_list = self.kind() == ConfigType::List;
        let rules = self.constraints().iter().map(|it| rule(it, is_list, quote));
        let all: Vec<_> = choices.into_iter().chain(rules).collect();
        match (all.is_empty(), self.details) {
            (false, _) => Some(all.join("; ")),
            (true, Some(_)) => None,
            // A definition that was not derived has nothing but the words.
            (true, None) => self.published.valid_values.as_deref().map(quote),
        }
    }

    /// What a number counts, and what may be written instead.
    pub(super) fn unit_words(self, quote: Quote) -> Option<String> {
        let (unit, thing, example) = match self.unit() {
            Unit::None => return None,
            Unit::Millis => ("milliseconds", "a time", "5s"),
            Unit::Seconds => ("seconds", "a time", "5m"),
            Unit::Bytes => ("bytes", "a size", "1MiB"),
        };
        // Of numbers that are just numbers the name says enough.
        let has_units = self.kind() == ConfigType::Long;
        has_units.then(|| {
            format!(
                "{unit}, or {thing} with its unit such as {}",
                quote(example)
            )
        })
    }

    /// What a user has to know beside the documentation, for a terminal.
    pub(super) fn sentences(self) -> impl Iterator<Item = String> {
        let values = self.values(plain).map(|it| format!("Values: {it}."));
        let unit = self.unit_words(plain).map(|it| format!("Counts {it}."));
        let (word, conditions) = match self.required_when() {
            Some(conditions) => ("Required", conditions),
            None => ("Applies", self.applies_when()),
        };
        let relevance = (!conditions.is_empty())
            .then(|| format!("{word} when {}.", in_words(&conditions, plain)));
        [values, unit, relevance].into_iter().flatten()
    }
}

impl<'a> Condition<'a> {
    fn one(condition: &'a KeyCondition) -> Self {
        Self {
            key: &condition.key,
            values: vec![&condition.value],
        }
    }
}

/// Conditions in words.
pub(super) fn in_words(conditions: &[Condition<'_>], quote: Quote) -> String {
    let each = conditions.iter().map(|it| {
        let values: Vec<_> = it.values.iter().map(|it| quote(it)).collect();
        format!("{} is {}", quote(it.key), values.join(" or "))
    });
    each.collect::<Vec<_>>().join(" and ")
}

fn rule(constraint: &Constraint, is_list: bool, quote: Quote) -> String {
    match constraint {
        Constraint::Range { min, max } => {
            interval(min.as_deref().map(quote), max.as_deref().map(quote))
        }
        Constraint::Length { min, max } => {
            let things = match is_list {
                true => "elements",
                false => "characters",
            };
            let text = |bound: &usize| bound.to_string();
            let bounds = interval(min.as_ref().map(text), max.as_ref().map(text));
            format!("{bounds} {things}")
        }
        Constraint::NonEmptyText => "not empty".to_owned(),
        Constraint::NonEmptyList => "at least one element".to_owned(),
        Constraint::Matches(pattern) => format!("matches {}", quote(pattern)),
        Constraint::OneOf(words) => {
            let words: Vec<_> = words.iter().map(|it| quote(it)).collect();
            words.join(", ")
        }
    }
}

fn interval(min: Option<String>, max: Option<String>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("{min} or more"),
        (None, Some(max)) => format!("{max} or less"),
        (None, None) => "any".to_owned(),
    }
}
