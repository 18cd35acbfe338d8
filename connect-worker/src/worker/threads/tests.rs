//! Futures that block, panic, wait and are given up.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use futures::future::join_all;
use tokio::time::Instant;

use super::*;

const LIMIT: Duration = Duration::from_secs(20);

fn soon() -> Instant {
    Instant::now() + Duration::from_millis(20)
}

fn late() -> Instant {
    Instant::now() + LIMIT
}

#[tokio::test]
async fn a_future_that_blocks_keeps_nobody_waiting() {
    let threads = PluginThreads::new();
    let (release, blocked) = mpsc::channel::<()>();
    let mut running = threads.spawn(async move {
        let _ = blocked.recv();
    });

    assert!(!running.ended_by(soon()).await);
    drop(release);
    assert!(running.ended_by(late()).await);
}

#[tokio::test]
async fn an_abandoned_future_is_dropped_at_its_next_wait() {
    let threads = PluginThreads::new();
    let (held, mut dropped) = oneshot::channel::<()>();
    let mut running = threads.spawn(async move {
        std::future::pending::<()>().await;
        drop(held);
    });

    assert!(!running.ended_by(soon()).await);

    assert!((&mut dropped).await.is_err());
}

#[tokio::test]
async fn however_many_block_another_one_gets_a_thread() {
    let threads = PluginThreads::new();
    let (release, blocked) = mpsc::channel::<()>();
    let blocked = Arc::new(std::sync::Mutex::new(blocked));
    let blocking: Vec<Running> = (0..20)
        .map(|_| {
            let blocked = Arc::clone(&blocked);
            // The first of them waits in the channel, all others for the lock.
            threads.spawn(async move {
                let _ = blocked.lock().map(|it| it.recv());
            })
        })
        .collect();

    let mut other = threads.spawn(async { tokio::time::sleep(PATIENCE).await });

    assert!(other.ended_by(late()).await);
    drop(release);
    for mut running in blocking {
        assert!(running.ended_by(late()).await);
    }
}

#[tokio::test]
async fn a_thousand_that_wait_need_few_threads() {
    let threads = PluginThreads::new();
    let started = Arc::new(AtomicUsize::new(0));
    let (release, held) = tokio::sync::watch::channel(());
    let waiting: Vec<Running> = (0..1_000)
        .map(|_| {
            let (started, mut held) = (Arc::clone(&started), held.clone());
            threads.spawn(async move {
                started.fetch_add(1, Ordering::Relaxed);
                let _ = held.changed().await;
            })
        })
        .collect();
    while started.load(Ordering::Relaxed) < 1_000 {
        tokio::task::yield_now().await;
    }

    // Few at once, and some more if this machine kept those from running.
    let count = threads.pool.thread_count();
    assert!(count <= 100, "{count} threads");
    drop(release);
    let ended = waiting
        .into_iter()
        .map(async |mut it| it.ended_by(late()).await);
    assert!(join_all(ended).await.into_iter().all(|it| it));
}

#[tokio::test]
async fn a_panic_ends_nothing_but_its_future() {
    let threads = PluginThreads::new();
    let mut panicking = threads.spawn(async { panic!("on purpose") });
    assert!(panicking.ended_by(late()).await);

    let mut other = threads.spawn(std::future::ready(()));

    assert!(other.ended_by(late()).await);
}

#[tokio::test]
async fn a_future_that_is_ready_at_once_again_lets_others_run() {
    let threads = PluginThreads::new();
    let stop = CancellationToken::new();
    let until = stop.clone();
    let mut busy = threads.spawn(async move {
        while !until.is_cancelled() {
            tokio::task::yield_now().await;
        }
    });

    let mut other = threads.spawn(tokio::task::yield_now());

    assert!(other.ended_by(late()).await);
    stop.cancel();
    assert!(busy.ended_by(late()).await);
}

#[tokio::test]
async fn a_call_is_answered_or_says_how_it_panicked() {
    let threads = PluginThreads::new();

    let answer = threads.call(async { 7 }).await;
    let panicked = threads.call(async { panic!("no plan") }).await;

    assert_eq!(answer.unwrap(), 7);
    let error: Result<()> = panicked;
    assert_eq!(
        error.unwrap_err().to_string(),
        "the plugin panicked: no plan"
    );
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_is_dropped() {
    let threads = PluginThreads::new();
    let (held, mut dropped) = oneshot::channel::<()>();
    let call = threads.call(async move {
        std::future::pending::<()>().await;
        drop(held);
    });

    drop(call);

    assert!((&mut dropped).await.is_err());
}

#[tokio::test]
async fn a_thread_that_is_not_needed_is_left_alone() {
    let threads = PluginThreads::new();
    let all_at_once = Arc::new(std::sync::Barrier::new(FEW));
    let calls = (0..FEW).map(|_| {
        let all_at_once = Arc::clone(&all_at_once);
        threads.call(async move { all_at_once.wait().is_leader() })
    });
    join_all(calls.collect::<Vec<_>>()).await;

    let mut used = std::collections::BTreeSet::new();
    for _ in 0..20 {
        while threads.pool.waiting_count() < FEW {
            tokio::task::yield_now().await;
        }
        let name = async { std::thread::current().name().map(str::to_owned) };
        used.insert(threads.call(name).await.unwrap());
    }

    // The others wait undisturbed until they end.
    assert_eq!(used.len(), 1, "{used:?}");
}
