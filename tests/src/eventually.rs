//! Waiting for a state instead of for a time.
#![expect(
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a harness reports by failing the test"
)]

use std::fmt::Debug;
use std::time::Duration;

use tokio::time::{Instant, sleep};

const PAUSE: Duration = Duration::from_millis(20);

/// Calls `attempt` until it answers `Ok`, and fails the test with the last `Err` at the deadline.
///
/// An attempt that hangs is cut off at the deadline, too.
pub async fn eventually<T, S: Debug>(
    deadline: Duration,
    what: &str,
    mut attempt: impl AsyncFnMut() -> Result<T, S>,
) -> T {
    let end = Instant::now() + deadline;
    let mut last = None;
    loop {
        match tokio::time::timeout_at(end, attempt()).await {
            Ok(Ok(value)) => return value,
            Ok(Err(state)) => last = Some(state),
            Err(_) => panic!("{what}: hung until the deadline of {deadline:?}, before: {last:#?}"),
        }
        if Instant::now() >= end {
            panic!("{what}: not within {deadline:?}, last state: {last:#?}");
        }
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[tokio::test]
    async fn the_first_success_is_returned() {
        let mut calls = 0;

        let value = eventually(Duration::from_secs(5), "third call", async || {
            calls += 1;
            if calls == 3 { Ok(calls) } else { Err(calls) }
        })
        .await;

        assert_eq!(value, 3);
    }

    #[tokio::test]
    async fn the_failure_names_the_last_state() {
        let outcome = failure(eventually(
            Duration::from_millis(50),
            "a reply",
            async || Err::<Infallible, _>("still starting"),
        ))
        .await;

        assert!(outcome.contains("a reply: not within 50ms"), "{outcome}");
        assert!(outcome.contains("still starting"), "{outcome}");
    }

    #[tokio::test]
    async fn an_attempt_that_hangs_is_cut_off() {
        let outcome = failure(eventually(
            Duration::from_millis(50),
            "a reply",
            async || std::future::pending::<Result<Infallible, ()>>().await,
        ))
        .await;

        assert!(outcome.contains("hung until the deadline"), "{outcome}");
    }

    async fn failure(waiting: impl Future<Output = Infallible> + Send) -> String {
        let mut waiting = Box::pin(waiting);
        std::future::poll_fn(move |cx| {
            let step = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                waiting.as_mut().poll(cx)
            }));
            match step {
                Ok(std::task::Poll::Pending) => std::task::Poll::Pending,
                Ok(std::task::Poll::Ready(never)) => match never {},
                Err(panic) => std::task::Poll::Ready(
                    *panic
                        .downcast::<String>()
                        .expect("a formatted panic message"),
                ),
            }
        })
        .await
    }
}
