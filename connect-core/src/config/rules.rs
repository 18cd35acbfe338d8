//! Rules for the values of one key.
//!
//! A rule sees values that could be read, never the lack of one; an absent `Option` passes.

mod applicable;

use std::cmp::Ordering;
use std::fmt;

use regex::Regex;

use super::{ConfigType, ConfigValue, Constraint, Unit, ValueError};

pub use applicable::{HasLength, HasTexts, Ranged};

type Check<T> = Box<dyn Fn(&T) -> Result<(), ValueError>>;

/// The rules of one key, in the order in which they are checked.
pub struct Rules<T> {
    unit: Unit,
    checks: Vec<Check<T>>,
    constraints: Vec<Constraint>,
}

impl<T: 'static> Rules<T> {
    pub(super) fn new(unit: Unit) -> Self {
        Self {
            unit,
            checks: Vec::new(),
            constraints: Vec::new(),
        }
    }

    /// The first problem of a value.
    pub(super) fn check(&self, value: &T) -> Result<(), ValueError> {
        self.checks.iter().try_for_each(|check| check(value))
    }

    /// The rules as data; what a function accepts is not known.
    pub(super) fn constraints(self) -> Vec<Constraint> {
        self.constraints
    }

    fn add(
        mut self,
        constraint: Constraint,
        check: impl Fn(&T) -> Result<(), ValueError> + 'static,
    ) -> Self {
        self.constraints.push(constraint);
        self.checks.push(Box::new(check));
        self
    }

    /// A range that includes its bounds.
    #[must_use]
    pub fn range(self, min: Option<T::Bound>, max: Option<T::Bound>) -> Self
    where
        T: Ranged,
    {
        let unit = self.unit;
        let text = move |bound: &T::Bound| bound.to_text(unit).unwrap_or_default();
        let constraint = Constraint::Range {
            min: min.as_ref().map(text),
            max: max.as_ref().map(text),
        };
        self.add(constraint, move |value| {
            let is = |bound: &&T::Bound, wrong| value.compare(bound) == Some(wrong);
            if let Some(min) = min.as_ref().filter(|it| is(it, Ordering::Less)) {
                return refuse(format_args!("Value must be at least {}", text(min)));
            }
            if let Some(max) = max.as_ref().filter(|it| is(it, Ordering::Greater)) {
                return refuse(format_args!("Value must be no more than {}", text(max)));
            }
            Ok(())
        })
    }

    /// A range of lengths that includes its bounds.
    #[must_use]
    pub fn length(self, min: Option<usize>, max: Option<usize>) -> Self
    where
        T: HasLength,
    {
        self.add(Constraint::Length { min, max }, move |value| {
            let Some(length) = value.length() else {
                return Ok(());
            };
            if let Some(min) = min.filter(|it| length < *it) {
                return refuse(format_args!("Length must be at least {min}"));
            }
            if let Some(max) = max.filter(|it| length > *it) {
                return refuse(format_args!("Length must be no more than {max}"));
            }
            Ok(())
        })
    }

    /// At least one character or element.
    #[must_use]
    pub fn non_empty(self) -> Self
    where
        T: HasLength,
    {
        let (constraint, problem) = match T::kind(self.unit) {
            ConfigType::List => (Constraint::NonEmptyList, "List must be non-empty"),
            _ => (Constraint::NonEmptyText, "String must be non-empty"),
        };
        self.add(constraint, move |value| match value.length() {
            Some(0) => refuse(problem),
            Some(_) | None => Ok(()),
        })
    }

    /// A pattern that matches the whole text.
    ///
    /// # Panics
    /// When the pattern is malformed; the derive refuses such patterns.
    #[must_use]
    pub fn matches(self, pattern: &'static str) -> Self
    where
        T: HasTexts,
    {
        let whole = Regex::new(&format!("^(?:{pattern})$")).expect("the derive checks patterns");
        self.add(Constraint::Matches(pattern), move |value| {
            value.check_texts(&|text| match whole.is_match(text) {
                true => Ok(()),
                false => refuse(format_args!("Value must match {pattern}")),
            })
        })
    }

    /// A list of words.
    #[must_use]
    pub fn one_of(self, words: &'static [&'static str]) -> Self
    where
        T: HasTexts,
    {
        let list = words.join(", ");
        self.add(Constraint::OneOf(words), move |value| {
            value.check_texts(&|text| match words.contains(&text) {
                true => Ok(()),
                false => refuse(format_args!("String must be one of: {list}")),
            })
        })
    }

    /// What a function accepts.
    #[must_use]
    pub fn validate<E: fmt::Display + 'static>(mut self, check: fn(&T) -> Result<(), E>) -> Self {
        self.checks.push(Box::new(move |value| {
            check(value).map_err(|problem| ValueError::new(problem.to_string()))
        }));
        self
    }
}

impl<T> fmt::Debug for Rules<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.constraints).finish()
    }
}

/// A bound that is written as text; what the derive calls.
///
/// # Panics
/// When the text is no value of the type; the derive refuses such texts.
#[must_use]
pub fn bound<B: ConfigValue>(text: &str, unit: Unit) -> B {
    B::parse_text(text, unit).expect("the derive checks the texts of bounds")
}

fn refuse(problem: impl fmt::Display) -> Result<(), ValueError> {
    Err(ValueError::new(problem.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T: 'static>(rules: &Rules<T>, value: &T, expected: Result<(), &str>) {
        let outcome = rules.check(value).map_err(|error| error.to_string());

        assert_eq!(outcome, expected.map_err(str::to_owned));
    }

    fn texts<T: 'static>(rules: Rules<T>) -> Vec<String> {
        let constraints = rules.constraints().into_iter();
        constraints.map(|it| it.to_string()).collect()
    }

    fn text(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn ranges_include_their_bounds() {
        let rules = Rules::<u16>::new(Unit::None).range(Some(1), Some(10));

        check(&rules, &1, Ok(()));
        check(&rules, &10, Ok(()));
        check(&rules, &0, Err("Value must be at least 1"));
        check(&rules, &11, Err("Value must be no more than 10"));
        assert_eq!(texts(rules), ["[1,...,10]"]);
    }

    #[test]
    fn ranges_may_be_open() {
        let from = Rules::<f64>::new(Unit::None).range(Some(0.5), None);
        let up_to = Rules::<Option<i64>>::new(Unit::None).range(None, Some(3));

        check(&from, &0.25, Err("Value must be at least 0.5"));
        check(&up_to, &Some(4), Err("Value must be no more than 3"));
        check(&up_to, &None, Ok(()));
        assert_eq!(texts(from), ["[0.5,...]"]);
        assert_eq!(texts(up_to), ["[...,3]"]);
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let rules = Rules::<String>::new(Unit::None).length(Some(1), Some(2));

        check(&rules, &text("éé"), Ok(()));
        check(&rules, &text(""), Err("Length must be at least 1"));
        check(&rules, &text("abc"), Err("Length must be no more than 2"));
        assert_eq!(texts(rules), ["length [1,...,2]"]);
    }

    #[test]
    fn text_and_lists_can_have_to_be_something() {
        let string = Rules::<String>::new(Unit::None).non_empty();
        let list = Rules::<Vec<String>>::new(Unit::None).non_empty();

        check(&string, &text(""), Err("String must be non-empty"));
        check(&string, &text(" "), Ok(()));
        check(&list, &vec![], Err("List must be non-empty"));
        check(&list, &vec![text("")], Ok(()));
    }

    #[test]
    fn patterns_match_the_whole_of_every_text() {
        let rules = Rules::<Vec<String>>::new(Unit::None).matches("a|b+");

        check(&rules, &vec![text("a"), text("bb")], Ok(()));
        let error = rules.check(&vec![text("a"), text("ab")]).unwrap_err();
        assert_eq!(
            error,
            ValueError::new("Value must match a|b+").in_part("ab")
        );
    }

    #[test]
    fn words_are_compared_exactly() {
        let rules = Rules::<String>::new(Unit::None).one_of(&["key", "value"]);

        check(&rules, &text("key"), Ok(()));
        check(
            &rules,
            &text("KEY"),
            Err("String must be one of: key, value"),
        );
        assert_eq!(texts(rules), ["[key, value]"]);
    }

    #[test]
    fn the_first_problem_counts() {
        let rules = Rules::<String>::new(Unit::None)
            .non_empty()
            .validate(|it| Err(format!("`{it}` is never good")));

        check(&rules, &text(""), Err("String must be non-empty"));
        check(&rules, &text("x"), Err("`x` is never good"));
    }
}
