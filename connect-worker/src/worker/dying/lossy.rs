//! A producer that delays, reorders, refuses and loses answers.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect_kafka::{AckRange, ErrorKind, KafkaError, OutgoingRecord};
use tokio::time::sleep;

use super::Life;
use crate::worker::clients::RecordProducer;

/// A record, by its partition and its number there.
pub(in crate::worker) type Line = (u8, u32);

/// A topic, which outlives processes.
#[derive(Clone, Debug, Default)]
pub(in crate::worker) struct Topic(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    written: BTreeSet<Line>,
    /// Refused, and that is nobody's fault.
    given_up: BTreeSet<Line>,
    /// On their way.
    under_way: Vec<Line>,
}

impl Topic {
    /// Whether a record has arrived, or is excused.
    pub(in crate::worker) fn has(&self, line: Line) -> bool {
        let state = self.0.lock().unwrap();
        state.written.contains(&line) || state.given_up.contains(&line)
    }

    /// Some of what was under way at the end of a process arrives all the same.
    pub(in crate::worker) fn bury(&self) {
        let mut state = self.0.lock().unwrap();
        let under_way = std::mem::take(&mut state.under_way);
        let arrives = |line: &Line| line.1.is_multiple_of(2);
        state.written.extend(under_way.into_iter().filter(arrives));
    }
}

/// How a producer behaves.
#[derive(Clone, Copy, Debug)]
pub(in crate::worker) struct Manners {
    /// Records that it takes at once.
    pub(in crate::worker) room: usize,
    /// One answer in so many is a refusal.
    pub(in crate::worker) refusals: u64,
    /// One answer in so many never comes.
    pub(in crate::worker) losses: u64,
    /// Which record has this value.
    pub(in crate::worker) line: fn(&[u8]) -> Line,
    /// Whether a record may be missing once it was refused.
    pub(in crate::worker) gives_up: fn(Line) -> bool,
}

/// A producer whose records arrive in any order and are answered in any other one.
pub(in crate::worker) struct Lossy {
    topic: Topic,
    life: Arc<Life>,
    manners: Manners,
    next: u64,
    in_flight: Vec<(u64, Line, Delivery)>,
    answers: Vec<AckRange>,
}

/// What became of a record that was handed over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Delivery {
    UnderWay,
    /// The broker has it, and the process does not know.
    Written,
    /// The broker has it, and the process will never know.
    Lost,
}

impl Lossy {
    pub(in crate::worker) fn new(topic: &Topic, life: &Arc<Life>, manners: Manners) -> Self {
        Self {
            topic: topic.clone(),
            life: Arc::clone(life),
            manners,
            next: 0,
            in_flight: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// Something happens to a record, whichever.
    fn proceed(&mut self) {
        let answered: Vec<usize> = (0..self.in_flight.len())
            .filter(|it| self.in_flight[*it].2 != Delivery::Lost)
            .collect();
        if answered.is_empty() || !self.life.step() {
            return;
        }
        let chosen = usize::try_from(self.life.below(answered.len() as u64)).unwrap();
        let index = answered[chosen];
        let (sequence, line, delivery) = self.in_flight[index];
        let mut durable = self.topic.0.lock().unwrap();
        if delivery == Delivery::Written {
            self.in_flight.remove(index);
            self.answers.push(ack(sequence, Ok(())));
        } else if self.life.once_in(self.manners.refusals) {
            self.in_flight.remove(index);
            durable.under_way.retain(|it| *it != line);
            let refused = KafkaError::new(ErrorKind::Refused, "the broker refused it");
            self.answers.push(ack(sequence, Err(refused)));
            if (self.manners.gives_up)(line) {
                durable.given_up.insert(line);
            }
        } else {
            durable.under_way.retain(|it| *it != line);
            durable.written.insert(line);
            self.in_flight[index].2 = match self.life.once_in(self.manners.losses) {
                true => Delivery::Lost,
                false => Delivery::Written,
            };
        }
    }

    /// Lets some time pass in which something may happen.
    async fn pass(&mut self) {
        sleep(Duration::from_millis(self.life.below(8))).await;
        for _ in 0..self.life.below(4) {
            self.proceed();
        }
    }

    /// Whether no answer will ever come.
    fn is_silent(&self) -> bool {
        self.in_flight.iter().all(|it| it.2 == Delivery::Lost)
    }
}

fn ack(sequence: u64, result: connect_kafka::Result<()>) -> AckRange {
    AckRange {
        first: sequence,
        end: sequence + 1,
        result,
    }
}

impl RecordProducer for Lossy {
    fn next_sequence(&self) -> u64 {
        self.next
    }

    fn send<'a>(&mut self, records: impl IntoIterator<Item = OutgoingRecord<'a>>) -> usize {
        let mut taken = 0;
        for record in records {
            if self.in_flight.len() >= self.manners.room {
                break;
            }
            if self.life.step() {
                let line = (self.manners.line)(record.value.unwrap());
                self.topic.0.lock().unwrap().under_way.push(line);
                self.in_flight.push((self.next, line, Delivery::UnderWay));
            }
            self.next += 1;
            taken += 1;
        }
        taken
    }

    fn try_acks(&mut self, out: &mut Vec<AckRange>) {
        out.append(&mut self.answers);
    }

    async fn acks(&mut self, out: &mut Vec<AckRange>) {
        while self.answers.is_empty() {
            if self.is_silent() {
                return std::future::pending().await;
            }
            self.pass().await;
        }
        self.try_acks(out);
    }

    async fn wait_capacity(&mut self) -> connect_kafka::Result<()> {
        while self.in_flight.len() >= self.manners.room {
            if self.is_silent() {
                sleep(Duration::from_millis(50)).await;
                return Err(KafkaError::new(ErrorKind::Timeout, "no room"));
            }
            self.pass().await;
        }
        Ok(())
    }

    async fn flush(&mut self, limit: Duration) -> connect_kafka::Result<()> {
        let flushed = async {
            while !self.in_flight.is_empty() {
                self.pass().await;
            }
        };
        let flushed = tokio::time::timeout(limit, flushed).await;
        flushed.map_err(|_| KafkaError::new(ErrorKind::Timeout, "unanswered"))
    }

    async fn close(mut self, _: Duration) -> (Vec<AckRange>, connect_kafka::Result<()>) {
        self.life.stepped().await;
        (std::mem::take(&mut self.answers), Ok(()))
    }
}
