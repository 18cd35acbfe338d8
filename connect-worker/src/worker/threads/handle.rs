//! A future of a plugin, seen from outside.

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::{CancellationToken, DropGuard};

/// A future that runs on threads for plugins. It goes on without this.
#[derive(Debug)]
pub(crate) struct Running {
    /// Closed at the end of the future.
    ended: oneshot::Receiver<()>,
    abandoned: CancellationToken,
}

impl Running {
    pub(super) fn new(ended: oneshot::Receiver<()>, abandoned: CancellationToken) -> Self {
        Self { ended, abandoned }
    }

    /// Abandons the future when the guard is dropped.
    pub(super) fn into_guard(self) -> DropGuard {
        self.abandoned.drop_guard()
    }

    /// Waits for the end until the deadline; `false` if it did not come. Then the future is dropped
    /// at its next wait, and nobody waits for one that does not come to any.
    pub(crate) async fn ended_by(&mut self, deadline: Instant) -> bool {
        // The channel only closes; nothing is sent.
        let has_ended = timeout_at(deadline, &mut self.ended).await.is_ok();
        if !has_ended {
            self.abandoned.cancel();
        }
        has_ended
    }
}
