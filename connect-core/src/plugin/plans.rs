//! How the work of a connector without a life of its own is divided.

use std::num::NonZeroUsize;

use crate::config::block::overlay;
use crate::config::{ConnectorConfig, Props};
use crate::error::Result;

/// One task with the whole configuration: `tasks = single`.
///
/// # Errors
/// Never.
pub fn plan_single(_: &Props, written: &Props, _: NonZeroUsize) -> Result<Vec<Props>> {
    Ok(vec![written.clone()])
}

/// As many tasks as allowed, each with the whole configuration: `tasks = replicate`.
///
/// # Errors
/// Never.
pub fn plan_replicate(_: &Props, written: &Props, max_tasks: NonZeroUsize) -> Result<Vec<Props>> {
    Ok(vec![written.clone(); max_tasks.get()])
}

/// A list of the configuration divided between the tasks: `split_by = tables`.
///
/// # Errors
/// When the configuration cannot be read.
pub fn plan_split<C, S>(
    read: &Props,
    written: &Props,
    max_tasks: NonZeroUsize,
    list: fn(&mut C) -> &mut S,
) -> Result<Vec<Props>>
where
    C: ConnectorConfig + Clone,
    S: Splittable,
{
    let mut config = C::parse(read)?;
    let shares = list(&mut config).split(max_tasks);
    let plans = shares.into_iter().map(|share| {
        let mut planned = config.clone();
        *list(&mut planned) = share;
        overlay(written, &config, &planned)
    });
    Ok(plans.collect())
}

/// What can be divided between tasks.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be divided between tasks",
    label = "`split_by` needs a `Vec` field",
    note = "name a list field, or write `tasks = single` or `tasks = replicate`"
)]
pub trait Splittable: Sized {
    /// At most `max_tasks` shares, none of them empty.
    fn split(&self, max_tasks: NonZeroUsize) -> Vec<Self>;
}

impl<T: Clone> Splittable for Vec<T> {
    fn split(&self, max_tasks: NonZeroUsize) -> Vec<Self> {
        let shares = deal(self, max_tasks).into_iter();
        shares
            .map(|share| share.into_iter().cloned().collect())
            .collect()
    }
}

/// Deals items round robin into at most `max_tasks` groups, none of them empty.
///
/// ```
/// use std::num::NonZeroUsize;
/// use connect_core::plugin::deal;
///
/// let two = NonZeroUsize::new(2).unwrap();
/// assert_eq!(deal(&["a", "b", "c"], two), [vec![&"a", &"c"], vec![&"b"]]);
/// ```
#[must_use]
pub fn deal<T>(items: &[T], max_tasks: NonZeroUsize) -> Vec<Vec<&T>> {
    let mut groups = vec![Vec::new(); max_tasks.get().min(items.len())];
    for (index, item) in items.iter().enumerate() {
        let group = index % groups.len();
        groups[group].push(item);
    }
    groups
}

/// Divides items into so many runs of neighbours, the longer ones first. Runs are empty when there
/// are fewer items. Connectors of the reference divide their work like this.
///
/// ```
/// use std::num::NonZeroUsize;
/// use connect_core::plugin::runs;
///
/// let two = NonZeroUsize::new(2).unwrap();
/// assert_eq!(runs(&["a", "b", "c"], two), [&["a", "b"][..], &["c"]]);
/// ```
#[must_use]
pub fn runs<T>(mut items: &[T], count: NonZeroUsize) -> Vec<&[T]> {
    let runs = (0..count.get()).map(|index| {
        let (run, rest) = items.split_at(items.len().div_ceil(count.get() - index));
        items = rest;
        run
    });
    runs.collect()
}
