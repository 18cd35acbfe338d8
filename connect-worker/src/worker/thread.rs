//! Threads for the code of plugins, so that one which blocks or spins keeps nobody else waiting.

use std::future::Future;
use std::io;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

/// A future that is polled on a thread of its own; timers and I/O are those of the runtime.
#[derive(Debug)]
pub(crate) struct PluginThread {
    /// Closed at the end of the future.
    ended: oneshot::Receiver<()>,
    abandoned: CancellationToken,
}

impl PluginThread {
    /// Starts a thread. To be called inside a runtime.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn spawn(
        name: &str,
        future: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<Self> {
        let runtime = Handle::current();
        let (running, ended) = oneshot::channel();
        let abandoned = CancellationToken::new();
        let is_abandoned = abandoned.clone();
        let future = Box::pin(future);
        let name = name.replace('\0', "_");
        std::thread::Builder::new().name(name).spawn(move || {
            runtime.block_on(is_abandoned.run_until_cancelled_owned(future));
            drop(running);
        })?;
        Ok(Self { ended, abandoned })
    }

    /// Waits for the end until the deadline; `false` if it did not come. Then the future is dropped
    /// at its next wait, and nobody waits for a thread that does not come to one.
    pub(crate) async fn ended_by(&mut self, deadline: Instant) -> bool {
        // The channel only closes; nothing is sent.
        let has_ended = timeout_at(deadline, &mut self.ended).await.is_ok();
        if !has_ended {
            self.abandoned.cancel();
        }
        has_ended
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(20)
    }

    #[tokio::test]
    async fn a_thread_that_blocks_keeps_nobody_waiting() {
        let (release, blocked) = mpsc::channel::<()>();
        let future = async move {
            let _ = blocked.recv();
        };
        let mut thread = PluginThread::spawn("blocking\0", future).unwrap();

        assert!(!thread.ended_by(soon()).await);
        drop(release);
        let deadline = Instant::now() + Duration::from_secs(20);
        assert!(thread.ended_by(deadline).await);
    }

    #[tokio::test]
    async fn an_abandoned_future_is_dropped_at_its_next_wait() {
        let (held, mut dropped) = oneshot::channel::<()>();
        let future = async move {
            std::future::pending::<()>().await;
            drop(held);
        };
        let mut thread = PluginThread::spawn("waiting", future).unwrap();

        assert!(!thread.ended_by(soon()).await);

        assert!((&mut dropped).await.is_err());
    }
}
