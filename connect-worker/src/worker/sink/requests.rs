//! What a sink task asks for through its context, done before the next records are fetched.

use std::collections::BTreeMap;

use connect_core::Result;
use connect_core::sink::{SinkRequests, TopicPartition};
use connect_kafka::StartOffset;
use tokio::time::Instant;

use super::{API_TIMEOUT, SinkPipeline, client_error, to_core, to_kafka};
use crate::worker::clients::{GroupConsumer, RecordProducer};
use crate::worker::task::Control;

impl<C: GroupConsumer, P: RecordProducer> SinkPipeline<C, P> {
    /// Does what the task has asked for since the last time.
    pub(super) async fn follow_requests(&mut self, control: &Control) -> Result<()> {
        let SinkRequests {
            pauses,
            seeks,
            commit,
            call_within,
        } = self.controls.take_requests();
        if commit {
            self.next_commit = Instant::now();
        }
        if let Some(time) = call_within {
            let due = Instant::now() + time;
            // What the task refused it is given again when it wants to be called.
            match &mut self.redelivery {
                Some(redelivery) => redelivery.due = due,
                None => self.call_within = Some(due),
            }
        }
        if pauses {
            self.follow_pauses(control)?;
        }
        if seeks.is_empty() {
            return Ok(());
        }
        let sought = self.continue_at(seeks).into_iter();
        let targets: Vec<_> = sought
            .map(|(partition, offset)| (to_kafka(&partition), StartOffset::At(offset)))
            .collect();
        let sought = self.consumer.seek(&targets, API_TIMEOUT).await;
        sought.map_err(|error| client_error("cannot seek", error))
    }

    /// Lets partitions go on elsewhere: what was to be done with them so far is forgotten.
    pub(super) fn continue_at(
        &mut self,
        seeks: BTreeMap<TopicPartition, i64>,
    ) -> Vec<(TopicPartition, i64)> {
        let sought = self.progress.seek(seeks);
        let partitions: Vec<TopicPartition> = sought.iter().map(|(it, _)| it.clone()).collect();
        if let Some(commit) = &mut self.commit {
            commit.forget(&partitions);
        }
        if let Some(redelivery) = &mut self.redelivery {
            redelivery.batch.remove(&partitions);
        }
        sought
    }

    /// Pauses what the task has paused, and resumes the rest unless everything is paused anyway.
    fn follow_pauses(&mut self, control: &Control) -> Result<()> {
        let assigned = self.consumer.assignment().iter();
        let paused: Vec<_> = assigned
            .filter(|it| self.controls.is_paused(&to_core(it)))
            .cloned()
            .collect();
        let outcome = self.consumer.pause(&paused);
        outcome.map_err(|error| client_error("cannot pause", error))?;
        match control.is_paused() || self.redelivery.is_some() {
            true => Ok(()),
            false => self.resume_all(),
        }
    }
}
