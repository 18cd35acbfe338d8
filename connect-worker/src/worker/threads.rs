//! Threads for the code of plugins, so that one which blocks or spins keeps nobody else waiting.
//!
//! A future of a plugin has a thread only while it is polled, so a task that waits costs none. There
//! are a few threads for all of them; whenever a future that is ready has waited for [`PATIENCE`]
//! because those are held up, another one is started. So each that is held up has a thread of its
//! own in the end, as if it had one from the start. While the threads merely have much to do, there
//! are more of them only after a [`LONG`] wait. Threads without work end after a while.

mod handle;
mod pool;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_task::WithInfo;
use connect_core::{ConnectError, Result};
use futures::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

pub(crate) use handle::Running;
use pool::Pool;

/// How long a future that is ready waits before there is another thread.
const PATIENCE: Duration = Duration::from_millis(5);
/// The same when the threads come forward.
const LONG: Duration = Duration::from_millis(100);
/// A thread without work ends after so long.
const IDLE: Duration = Duration::from_secs(10);
/// So many threads there may be without anybody waiting for them.
const FEW: usize = 4;

/// What names of threads begin with on which the code of plugins runs: ours, and those that the SDK
/// starts for tasks with blocking methods.
const PLUGIN_THREADS: [&str; 2] = ["plugin-", "blocking-"];

/// Whether the code of a plugin runs on the present thread.
pub(crate) fn runs_plugin() -> bool {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or_default();
    PLUGIN_THREADS.iter().any(|it| name.starts_with(it))
}

/// The threads of a worker on which its plugins run.
#[derive(Debug)]
pub(crate) struct PluginThreads {
    pool: Arc<Pool>,
}

impl PluginThreads {
    pub(crate) fn new() -> Self {
        Self {
            pool: Arc::default(),
        }
    }

    /// Runs a future on threads of the pool; timers and I/O are those of the runtime in which this
    /// was called first. To be called inside it.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) -> Running {
        let (running, ended) = oneshot::channel::<()>();
        let abandoned = CancellationToken::new();
        let is_abandoned = abandoned.clone();
        // Its own allocation, which is given back when the future ends or is abandoned.
        let future = Box::pin(future);
        let whole = async move {
            is_abandoned.run_until_cancelled_owned(future).await;
            drop(running);
        };
        self.pool.use_runtime(Handle::current);
        let pool = Arc::clone(&self.pool);
        let schedule = WithInfo(move |task, info: async_task::ScheduleInfo| {
            pool.push(task, info.woken_while_running);
        });
        let (first, task) = async_task::spawn(whole, schedule);
        first.schedule();
        task.detach();
        Running::new(ended, abandoned)
    }
}

impl PluginThreads {
    /// Runs a call of a plugin, which begins at once, and waits for its answer. When the future is
    /// dropped the call is dropped at its next wait.
    ///
    /// # Errors
    /// When it panics.
    pub(crate) fn call<T, F>(&self, call: F) -> impl Future<Output = Result<T>> + Send + use<T, F>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let running = self.spawn(async move {
            let answered = AssertUnwindSafe(call).catch_unwind().await;
            // Whoever asked may have given up.
            let _ = reply.send(answered.map_err(|it| ConnectError::panicked(it.as_ref())));
        });
        let guard = running.into_guard();
        async move {
            // Also if nobody has ever waited.
            let _guard = guard;
            let ended = || Err(ConnectError::fatal("the worker has ended"));
            answer.await.unwrap_or_else(|_| ended())
        }
    }
}

impl Drop for PluginThreads {
    fn drop(&mut self) {
        self.pool.close();
    }
}

#[cfg(test)]
mod tests;
