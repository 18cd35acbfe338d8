//! Tasks whose methods block: each lives on a thread of its own and is called there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::error::{ConnectError, Result};
use crate::threads::ThreadScope;

type Call<T> = Box<dyn FnOnce(&mut Option<T>) + Send>;

/// A value on a thread of its own. The thread ends with this handle, behind the call under way.
pub(crate) struct OnThread<T> {
    calls: mpsc::Sender<Call<T>>,
}

impl<T: Send + 'static> OnThread<T> {
    /// Makes a value on a new thread, from which the present runtime can be reached and on which
    /// everything happens within `scope`.
    ///
    /// # Errors
    /// When there is no thread to be had, or the value cannot be made.
    pub(crate) async fn start(
        name: String,
        scope: ThreadScope,
        make: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<Self> {
        let (calls, received) = mpsc::channel::<Call<T>>();
        let runtime = Handle::try_current().ok();
        let thread = std::thread::Builder::new().name(name.replace('\0', "_"));
        let spawned = thread.spawn(move || {
            let _runtime = runtime.as_ref().map(Handle::enter);
            scope.run(|| {
                let mut value = None;
                for call in &received {
                    call(&mut value);
                }
            });
        });
        spawned.map_err(|error| {
            ConnectError::fatal("no thread for the blocking task").caused_by(error)
        })?;
        let thread = Self { calls };
        thread
            .run(|value| {
                *value = Some(make()?);
                Ok(())
            })
            .await?;
        Ok(thread)
    }

    /// Calls the value. When the future is dropped the call goes on, and the next one waits for
    /// its end.
    pub(crate) async fn call<R: Send + 'static>(
        &self,
        call: impl FnOnce(&mut T) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        self.run(|value| call(value.as_mut().ok_or_else(gone)?))
            .await
    }

    /// The last call, which takes the value.
    pub(crate) async fn finish(
        self,
        call: impl FnOnce(T) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        self.run(|value| call(value.take().ok_or_else(gone)?)).await
    }

    async fn run<R: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Option<T>) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        let (reply, answer) = oneshot::channel();
        let call: Call<T> = Box::new(move |value| {
            let outcome = catch_unwind(AssertUnwindSafe(|| call(value)));
            let outcome = outcome.unwrap_or_else(|panic| {
                // What is left of it may be broken.
                *value = None;
                Err(ConnectError::panicked(panic.as_ref()))
            });
            // Whoever asked may have given up.
            let _ = reply.send(outcome);
        });
        self.calls.send(call).map_err(|_| gone())?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}

fn gone() -> ConnectError {
    ConnectError::fatal("the task has ended")
}
