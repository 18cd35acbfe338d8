//! For tests of plugins: tasks without a worker, and what every connector must do.
//!
//! It is there with the feature `testing`, which belongs into the manifest's `[dev-dependencies]`.
//!
//! A [`SourceHarness`] polls a task and stores its offsets, a [`SinkHarness`] delivers records to
//! one and commits for it. Both start it anew as a worker would after a crash. With
//! [`conformance!`](crate::conformance) a connector gets the tests that hold for all of them.
//!
//! ```
//! use connect_core::prelude::*;
//! use connect_core::testing::{self, SourceHarness};
//!
//! # /// Counts up.
//! # #[source_connector]
//! # struct Ticks(i64);
//! #[derive(Clone, Debug, PartialEq, Eq, Hash, SourcePartition)]
//! struct Clock {
//!     name: String,
//! }
//!
//! #[derive(Clone, Debug, SourceOffset)]
//! struct Tick {
//!     number: i64,
//! }
//!
//! #[source_task]
//! impl SourceTask for Ticks {
//!     type Config = NoConfig;
//!     type Partition = Clock;
//!     type Offset = Tick;
//!
//!     async fn start(_: NoConfig, cx: SourceContext<Self>) -> Result<Self> {
//!         let clock = Clock { name: "wall".to_owned() };
//!         let tick = cx.offset(&clock).await?;
//!         Ok(Self(tick.map_or(0, |it| it.number)))
//!     }
//!
//!     async fn poll(&mut self) -> Result<Batch<Self>> {
//!         self.0 += 1;
//!         let clock = Clock { name: "wall".to_owned() };
//!         Ok(vec![SourceRecord::new("ticks", clock, Tick { number: self.0 }).value(self.0)])
//!     }
//! }
//!
//! testing::run(async {
//!     let mut ticks = SourceHarness::<Ticks>::new(Props::new());
//!     ticks.start().await?;
//!     ticks.poll_some(1).await?;
//!     ticks.commit().await?;
//!     ticks.poll_some(1).await?;
//!
//!     // The second tick was not written yet, so it comes again.
//!     ticks.crash();
//!     ticks.start().await?;
//!     assert_eq!(ticks.poll_some(1).await?[0].record.value, Value::Int64(2));
//!     Ok::<(), ConnectError>(())
//! })?;
//! # Ok::<(), ConnectError>(())
//! ```

pub mod conformance;
mod run;
mod sink;
mod source;

pub use run::{run, run_in_virtual_time};
pub use sink::SinkHarness;
pub use source::{Polled, SourceHarness};
