//! Where a test runs: a runtime of its own, which needs nothing from the crate of the plugin.

use std::future::Future;

use tokio::runtime::Builder;

/// Runs a test with tasks in it, on this thread and by the clock on the wall.
///
/// ```
/// use connect_core::prelude::*;
/// use connect_core::testing;
///
/// testing::run(async {
///     sleep(Duration::from_millis(1)).await;
/// });
/// ```
///
/// # Panics
/// When the system refuses a runtime.
pub fn run<R>(test: impl Future<Output = R>) -> R {
    block_on(Builder::new_current_thread().enable_all(), test)
}

/// Runs a test whose time passes at once while everything in it waits.
///
/// It is meant for waits of [`time`](crate::time). Whoever waits for another thread or for a
/// machine does so by the clock on the wall, which [`run`] follows: a task with blocking methods,
/// or one that talks to a server.
///
/// ```
/// use connect_core::prelude::*;
/// use connect_core::testing;
///
/// testing::run_in_virtual_time(async {
///     sleep(Duration::from_secs(24 * 60 * 60)).await;
/// });
/// ```
///
/// # Panics
/// When the system refuses a runtime.
pub fn run_in_virtual_time<R>(test: impl Future<Output = R>) -> R {
    let mut builder = Builder::new_current_thread();
    builder.start_paused(true);
    block_on(builder.enable_all(), test)
}

fn block_on<R>(builder: &mut Builder, test: impl Future<Output = R>) -> R {
    let runtime = builder.build().expect("a runtime starts");
    runtime.block_on(test)
}
