//! The queue of futures that are ready, the threads that poll them, and the watch over both.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::Instant;

use async_task::Runnable;
use tokio::runtime::Handle;

use super::{FEW, IDLE, LONG, PATIENCE};
use crate::worker::memory;

/// A future that is ready to be polled.
#[derive(Debug)]
pub(super) struct Ready {
    task: Runnable,
    since: Instant,
}

/// Threads, and what they have to do.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// The runtime of the futures, known since there is one.
    runtime: OnceLock<Handle>,
    state: Mutex<State>,
    /// Work has come that no thread waits for.
    backlog: Condvar,
}

#[derive(Debug, Default)]
struct State {
    ready: VecDeque<Ready>,
    threads: usize,
    /// Threads that wait for work. The last one is woken first, so that those which are needed
    /// seldom end.
    waiting: Vec<Thread>,
    /// Threads that were ever started.
    started: u64,
    /// Futures that were polled since the watch has looked last.
    polled: usize,
    watch: Watch,
    is_closed: bool,
}

/// What the thread does that looks after the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Watch {
    #[default]
    NotStarted,
    Waiting,
    Looking,
}

impl Pool {
    pub(super) fn use_runtime(&self, runtime: impl FnOnce() -> Handle) {
        self.runtime.get_or_init(runtime);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a future that is ready. One that became ready `while_running` is added by the thread
    /// that has just polled it, which takes the next one at once.
    pub(super) fn push(self: &Arc<Self>, task: Runnable, while_running: bool) {
        let mut state = self.lock();
        if state.is_closed {
            drop(state);
            // The end of its future may wake others, so not under the lock.
            drop(task);
            return;
        }
        state.ready.push_back(Ready {
            task,
            since: Instant::now(),
        });
        if while_running && state.ready.len() == 1 {
            return;
        }
        if let Some(thread) = state.waiting.pop() {
            thread.unpark();
        } else if state.threads < FEW {
            self.add_thread(&mut state);
        } else {
            self.watch(&mut state);
        }
    }

    #[cfg(test)]
    pub(super) fn thread_count(&self) -> usize {
        self.lock().threads
    }

    #[cfg(test)]
    pub(super) fn waiting_count(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Ends all threads, those that are held up when they come back.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        let left = std::mem::take(&mut state.ready);
        state.waiting.drain(..).for_each(|it| it.unpark());
        drop(state);
        self.backlog.notify_all();
        drop(left);
    }

    fn add_thread(self: &Arc<Self>, state: &mut State) {
        let pool = Arc::clone(self);
        let name = format!("plugin-{}", state.started);
        let spawned = thread::Builder::new().name(name).spawn(move || pool.work());
        match spawned {
            Ok(_) => {
                state.threads += 1;
                state.started += 1;
            }
            // The watch tries again.
            Err(error) => {
                tracing::warn!(threads = state.threads, %error, "no further thread for plugins");
                self.watch(state);
            }
        }
    }

    /// Makes sure that somebody looks after what is not taken.
    fn watch(self: &Arc<Self>, state: &mut State) {
        match state.watch {
            Watch::Looking => {}
            Watch::Waiting => self.backlog.notify_one(),
            Watch::NotStarted => {
                let pool = Arc::clone(self);
                let name = "plugin-watch".to_owned();
                let spawned = thread::Builder::new().name(name).spawn(move || pool.look());
                match spawned {
                    Ok(_) => state.watch = Watch::Looking,
                    Err(error) => tracing::error!(%error, "no thread to look after plugins"),
                }
            }
        }
    }

    /// What a thread does: polls what is ready, until nothing was for a while.
    fn work(&self) {
        let _runtime = self.runtime.get().map(Handle::enter);
        let mut state = self.lock();
        loop {
            if let Some(ready) = state.ready.pop_front() {
                drop(state);
                poll(ready.task);
                state = self.lock();
                state.polled += 1;
                continue;
            }
            if state.is_closed {
                break;
            }
            let (me, since) = (thread::current(), Instant::now());
            state.waiting.push(me.clone());
            drop(state);
            let patience = if memory::is_due() {
                memory::PAUSE
            } else {
                IDLE
            };
            thread::park_timeout(patience);
            state = self.lock();
            // Whoever wakes a thread has taken it off the list.
            state.waiting.retain(|it| it.id() != me.id());
            if since.elapsed() < patience || !state.ready.is_empty() {
                continue;
            }
            if patience == IDLE {
                break;
            }
            drop(state);
            memory::give_back();
            state = self.lock();
        }
        state.threads -= 1;
    }

    /// Starts a thread whenever something has waited for too long.
    fn look(self: &Arc<Self>) {
        let mut state = self.lock();
        let mut added = Instant::now();
        while !state.is_closed {
            let Some(first) = state.ready.front() else {
                state.watch = Watch::Waiting;
                let waited = self.backlog.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
                state.watch = Watch::Looking;
                continue;
            };
            let is_held_up = state.polled < state.threads;
            let patience = if is_held_up { PATIENCE } else { LONG };
            // The last thread that was added has to have had its chance, too.
            let waiting = first.since.elapsed().min(added.elapsed());
            if waiting >= patience && state.waiting.is_empty() {
                self.add_thread(&mut state);
                added = Instant::now();
            }
            state.polled = 0;
            let waited = self.backlog.wait_timeout(state, PATIENCE);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

fn poll(task: Runnable) {
    // Whoever spawned the future looks after its panics; none ends the thread.
    let polled = catch_unwind(AssertUnwindSafe(|| task.run()));
    if polled.is_err() {
        tracing::error!("a plugin has panicked");
    }
}
