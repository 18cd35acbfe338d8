//! What only the other side knows: values to choose from, and whether a configuration works.
//!
//! Nothing here is needed to read a configuration, and nothing of it runs on its own. Whoever
//! shows a form asks, and sets the deadline.

use std::fmt;

use super::block::{ConfigBlock, Reader};
use super::field::Field;
use super::{ConfigValue, Props};
use crate::error::Result;
use crate::source::BoxFuture;

/// A configuration that somebody is about to write: every field holds its value if that is good.
///
/// The fields are those of `C`, each in an `Option`. There is one for each struct with a
/// `recommend` option.
pub type Draft<C> = <C as ConfigBlock>::Draft;

/// A question to the other side: which values are good for a key?
pub struct Recommendation {
    /// Name of the key.
    pub key: String,
    /// The answer, as users would write it. Nothing happens before it is awaited.
    pub values: BoxFuture<'static, Result<Vec<String>>>,
}

impl fmt::Debug for Recommendation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recommendation").field(&self.key).finish()
    }
}

/// Collects the questions of a configuration.
#[derive(Debug)]
pub struct Recommendations<'a> {
    props: &'a Props,
    /// What stands before the names that are asked about.
    prefix: String,
    found: Vec<Recommendation>,
}

impl<'a> Recommendations<'a> {
    /// Adds a question about a key.
    pub fn add<V, T, D, F, A>(&mut self, field: &Field<T>, draft: fn(&mut Reader<'_>) -> D, ask: F)
    where
        V: ConfigValue,
        T: 'static,
        F: FnOnce(D) -> A,
        A: Future<Output = Result<Vec<V>>> + Send + 'static,
    {
        let unit = field.unit();
        let answer = ask(draft(&mut self.reader()));
        self.found.push(Recommendation {
            key: format!("{}{}", self.prefix, field.name()),
            values: Box::pin(async move {
                let values = answer.await?;
                Ok(values.iter().filter_map(|it| it.to_text(unit)).collect())
            }),
        });
    }

    /// Reads keys where the questions are asked.
    pub(super) fn reader(&self) -> Reader<'a> {
        Reader::new(self.props, &self.prefix)
    }

    /// Adds the questions of keys below a prefix.
    pub(super) fn below(&mut self, prefix: &str, ask: fn(&mut Self)) {
        let outer = self.prefix.len();
        self.prefix.push_str(prefix);
        ask(self);
        self.prefix.truncate(outer);
    }
}

/// The questions of a configuration, in the order of its keys.
#[must_use]
pub(crate) fn recommendations<T: ConfigBlock>(props: &Props) -> Vec<Recommendation> {
    let mut recommendations = Recommendations {
        props,
        prefix: String::new(),
        found: Vec::new(),
    };
    T::recommend(&mut recommendations);
    recommendations.found
}

/// Tries a configuration; what the derive calls.
pub fn probe<'a, T, F, A>(config: &'a T, probe: F) -> BoxFuture<'a, Result<()>>
where
    F: FnOnce(&'a T) -> A,
    A: Future<Output = Result<()>> + Send + 'a,
{
    Box::pin(probe(config))
}

/// Tries one thing after another, up to the first that fails.
#[must_use]
pub fn in_turn(probes: Vec<BoxFuture<'_, Result<()>>>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        for probe in probes {
            probe.await?;
        }
        Ok(())
    })
}
