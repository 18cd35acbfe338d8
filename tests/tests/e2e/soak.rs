//! A short version of `./x soak`: what users do with a worker leaves nothing behind.

use connect_tests::soak::Soak;

const ROUNDS: usize = 11;
/// A leak of one thread or file in each round shows, and so does one of a megabyte.
const PIECES: u64 = 4;
const MEMORY: u64 = 12 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_grows_from_round_to_round() {
    let mut soak = Soak::start().await;
    for _ in 0..ROUNDS {
        soak.round().await;
    }

    let growth = soak.end().await;

    assert_eq!(growth.excess(MEMORY, PIECES), None, "{growth}");
}
