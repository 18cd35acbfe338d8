//! How many tasks a connector may have.

use std::num::NonZeroUsize;

use connect_core::{ConnectError, Result};

use super::settings::ConnectorSettings;
use crate::identity::ConnectorName;

/// `tasks.max`, and whether it is more than advice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskLimit {
    pub(crate) max: NonZeroUsize,
    is_enforced: bool,
}

impl TaskLimit {
    /// The limit that the user has set.
    ///
    /// # Errors
    /// When it is no number of tasks.
    pub(crate) fn of(settings: &ConnectorSettings) -> Result<Self> {
        let max = NonZeroUsize::try_from(settings.tasks_max)
            .map_err(|error| ConnectError::config("tasks.max is too large").caused_by(error))?;
        Ok(Self {
            max,
            is_enforced: settings.tasks_max_enforce,
        })
    }

    /// Lets so many tasks pass; with a warning if they are too many and that is allowed.
    ///
    /// # Errors
    /// When they are too many.
    pub(crate) fn check(self, connector: &ConnectorName, tasks: usize) -> Result<()> {
        if tasks <= self.max.get() {
            return Ok(());
        }
        let error = ConnectError::fatal(format_args!(
            "The connector {connector} has generated {tasks} tasks, which is greater than {}, the \
             maximum number of tasks it is configured to create. This behaviour should be \
             considered a bug and is disallowed. If necessary, it can be permitted by \
             reconfiguring the connector with 'tasks.max.enforce' set to false; however, this \
             option will be removed in a future release of Kafka Connect.",
            self.max
        ));
        if self.is_enforced {
            return Err(error);
        }
        tracing::warn!("{error}");
        Ok(())
    }
}
