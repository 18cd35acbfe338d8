//! Operations on one part of a connector, one after the other, beside those on all others.

use std::collections::VecDeque;

use tokio_util::sync::CancellationToken;

/// Something that runs of a connector on this worker.
pub(super) trait Part: Send + 'static {
    /// What can be done with it.
    type Operation: Send + 'static;

    /// Whether an operation ends one early that is under way.
    fn interrupts(operation: &Self::Operation) -> bool;

    /// Does what is asked. What takes long ends early once `interrupt` is cancelled.
    fn carry_out(
        &mut self,
        operation: Self::Operation,
        interrupt: CancellationToken,
    ) -> impl Future<Output = ()> + Send;

    /// Whether nothing of it is here.
    fn is_gone(&self) -> bool;
}

/// A part of a connector with what is still to be done with it.
pub(super) struct Lane<P: Part> {
    /// The part, unless an operation has it.
    idle: Option<Box<P>>,
    waiting: VecDeque<P::Operation>,
    /// Ends early what the operation under way waits for.
    interrupt: CancellationToken,
}

impl<P: Part> Lane<P> {
    pub(super) fn new(part: P) -> Self {
        Self {
            idle: Some(Box::new(part)),
            waiting: VecDeque::new(),
            interrupt: CancellationToken::new(),
        }
    }

    /// Adds an operation.
    pub(super) fn push(&mut self, operation: P::Operation) {
        if P::interrupts(&operation) {
            self.interrupt.cancel();
        }
        self.waiting.push_back(operation);
    }

    /// The next operation, if none is under way: its future gives the part to [`finish`](Self::finish).
    pub(super) fn begin_next(&mut self) -> Option<impl Future<Output = Box<P>> + Send + use<P>> {
        let operation = match self.idle {
            Some(_) => self.waiting.pop_front()?,
            None => return None,
        };
        let mut part = self.idle.take()?;
        let interrupt = CancellationToken::new();
        if self.waiting.iter().any(P::interrupts) {
            interrupt.cancel();
        }
        self.interrupt = interrupt.clone();
        Some(async move {
            part.carry_out(operation, interrupt).await;
            part
        })
    }

    pub(super) fn finish(&mut self, part: Box<P>) {
        self.idle = Some(part);
    }

    /// Whether nothing is here and nothing is to come.
    pub(super) fn is_gone(&self) -> bool {
        self.waiting.is_empty() && self.idle.as_ref().is_some_and(|it| it.is_gone())
    }

    /// Drops what waits and is not to be done any more.
    pub(super) fn retain(&mut self, is_wanted: impl Fn(&P::Operation) -> bool) {
        self.waiting.retain(is_wanted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Remembers what was done with it; some operations only end when they are interrupted.
    #[derive(Default)]
    struct Diary(Vec<&'static str>);

    impl Part for Diary {
        type Operation = &'static str;

        fn interrupts(operation: &Self::Operation) -> bool {
            operation.starts_with("stop")
        }

        async fn carry_out(&mut self, operation: Self::Operation, interrupt: CancellationToken) {
            if operation.ends_with("hanging") {
                interrupt.cancelled().await;
            }
            self.0.push(operation);
        }

        fn is_gone(&self) -> bool {
            self.0.last() == Some(&"stop")
        }
    }

    #[tokio::test]
    async fn operations_follow_each_other() {
        let mut lane = Lane::new(Diary::default());
        lane.push("first");
        lane.push("second");

        let first = lane.begin_next().unwrap();
        assert!(lane.begin_next().is_none());
        lane.finish(first.await);
        let second = lane.begin_next().unwrap().await;

        assert_eq!(second.0, ["first", "second"]);
        lane.finish(second);
        assert!(lane.begin_next().is_none());
        assert!(!lane.is_gone());
    }

    #[tokio::test]
    async fn an_operation_under_way_is_interrupted() {
        let mut lane = Lane::new(Diary::default());
        lane.push("hanging");
        let hanging = lane.begin_next().unwrap();

        lane.push("harmless");
        assert!(!lane.interrupt.is_cancelled());
        lane.push("stop");

        lane.finish(hanging.await);
        for _ in ["harmless", "stop"] {
            let done = next(&mut lane).await;
            lane.finish(done);
        }
        assert!(lane.is_gone());
    }

    #[tokio::test]
    async fn an_operation_is_interrupted_by_one_that_waits_already() {
        let mut lane = Lane::new(Diary::default());
        lane.push("hanging");
        lane.push("stop");

        assert_eq!(next(&mut lane).await.0, ["hanging"]);
    }

    async fn next(lane: &mut Lane<Diary>) -> Box<Diary> {
        lane.begin_next().unwrap().await
    }
}
