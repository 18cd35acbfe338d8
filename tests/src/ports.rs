//! Ports for processes that have to be told one before they start.

use std::net::TcpListener;

use rand::RngExt as _;

/// Below the range that the system gives to outgoing connections, so that none of those can take the port meanwhile.
const CANDIDATES: std::ops::Range<u16> = 12_000..32_000;
const ATTEMPTS: usize = 1_000;

/// A port of the loopback address that nobody listens on.
///
/// # Panics
///
/// If no free port turns up.
#[must_use]
pub fn free_port() -> u16 {
    let mut rng = rand::rng();
    let mut candidates = (0..ATTEMPTS).map(|_| rng.random_range(CANDIDATES));
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    candidates
        .find(is_free)
        .expect("one of a thousand ports is free")
}
