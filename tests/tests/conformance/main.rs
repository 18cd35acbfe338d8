//! The REST API beside that of the reference: each test sends the same requests to our worker and to
//! a Java worker, and fails where the answers differ.
#![expect(
    clippy::panic,
    reason = "bodies of tests, which lie outside of the functions that the test runner calls"
)]

mod answers;
mod connectors;
mod decoration;
mod document;
mod guard;
mod lifecycle;
mod loggers;
mod mistakes;
mod offsets;
mod pair;
mod plugins;
mod random;
mod requests;
mod routing;
mod validation;
mod wire;

/// Makes a test of each body: `body::as_the_reference`, with workers of a [`pair::Kind`].
macro_rules! on_both_workers {
    ($($body:ident),+ $(,)?) => {
        $crate::on_both_workers!(Plain: $($body),+);
    };
    ($kind:ident: $($body:ident),+ $(,)?) => {$(
        mod $body {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn as_the_reference() {
                $crate::pair::both($crate::pair::Kind::$kind, super::$body).await;
            }
        }
    )+};
}
pub(crate) use on_both_workers;
