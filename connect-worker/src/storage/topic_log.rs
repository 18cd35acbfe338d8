//! The internal topics of a cluster: read from the beginning, followed for ever, written to.
//!
//! One consumer follows all of them and one producer writes to all of them, so that a worker that
//! waits costs little. What a topic means is its reader's business, which gets every record in the
//! order of its partition.

mod follower;
mod topics;

use std::fmt;
use std::time::Duration;

use connect_kafka::{Admin, ClientSettings, KafkaError, TopicPartition};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use self::follower::Follower;
use crate::config::worker::InternalTopic;

pub use topics::ensure;

/// Commands that wait for the follower at most; senders of more wait.
const QUEUE: usize = 256;
/// How long the last records may take at the end.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// A record of an internal topic.
#[derive(Clone, Copy, Debug)]
pub struct LogRecord<'a> {
    /// Its offset.
    pub offset: i64,
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value; `None` is a tombstone.
    pub value: Option<&'a [u8]>,
    /// Whether it is new, and was not there when the worker started.
    pub is_live: bool,
}

/// What takes the records of a topic.
pub type Reader = Box<dyn FnMut(LogRecord<'_>) + Send>;

/// A key, and a value or `None` for a tombstone.
pub type Entry = (Vec<u8>, Option<Vec<u8>>);

/// An internal topic and its reader.
pub struct FollowedTopic {
    /// The topic.
    pub topic: InternalTopic,
    /// What takes its records.
    pub reader: Reader,
}

impl fmt::Debug for FollowedTopic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FollowedTopic")
            .field("topic", &self.topic.name)
            .finish_non_exhaustive()
    }
}

/// What the follower is asked for.
enum Command {
    Send {
        topic: String,
        entries: Vec<Entry>,
        reply: oneshot::Sender<Result<(), KafkaError>>,
    },
    /// Answered when the topic was read up to where it ends now.
    ReadToEnd {
        topic: String,
        reply: oneshot::Sender<Result<(), KafkaError>>,
    },
    /// Where a topic ends that is to be read.
    Ends {
        ends: Result<Vec<(TopicPartition, i64)>, KafkaError>,
        reply: oneshot::Sender<Result<(), KafkaError>>,
    },
    Close(oneshot::Sender<()>),
}

/// A handle on the internal topics; cheap to clone.
#[derive(Clone)]
pub struct TopicLogs {
    commands: mpsc::Sender<Command>,
}

impl fmt::Debug for TopicLogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TopicLogs").finish_non_exhaustive()
    }
}

/// The follower that runs behind the handles.
#[derive(Debug)]
pub struct RunningLogs {
    handle: TopicLogs,
    follower: JoinSet<()>,
}

impl RunningLogs {
    /// Reads topics to their ends and follows them from then on. They exist already.
    ///
    /// # Errors
    /// When a client cannot be made, or the topics cannot be read.
    pub async fn start(
        settings: &ClientSettings,
        admin: &Admin,
        topics: Vec<FollowedTopic>,
        client_id: impl Fn(&str) -> String,
    ) -> Result<Self, KafkaError> {
        let (commands, queue) = mpsc::channel(QUEUE);
        let follower =
            Follower::start(settings, admin, topics, client_id, commands.downgrade()).await?;
        let mut running = JoinSet::new();
        running.spawn(follower.run(queue));
        Ok(Self {
            handle: TopicLogs { commands },
            follower: running,
        })
    }

    /// A handle on the topics.
    #[must_use]
    pub fn handle(&self) -> TopicLogs {
        self.handle.clone()
    }

    /// Writes what was sent, within a limit, and ends.
    pub async fn close(mut self) {
        let (reply, closed) = oneshot::channel();
        // One that has ended has nothing to write.
        if self
            .handle
            .commands
            .send(Command::Close(reply))
            .await
            .is_ok()
        {
            let _ = tokio::time::timeout(CLOSE_LIMIT, closed).await;
        }
        self.follower.shutdown().await;
    }
}

impl TopicLogs {
    /// Writes entries, one behind the other, and waits until brokers have all of them. A record goes
    /// to the partition where Java's clients put its key.
    ///
    /// # Errors
    /// Why one of them was not written; others may have been.
    pub async fn send(&self, topic: &str, entries: Vec<Entry>) -> Result<(), KafkaError> {
        self.ask(|reply| Command::Send {
            topic: topic.to_owned(),
            entries,
            reply,
        })
        .await
    }

    /// Waits until everything that is in a topic now was read.
    ///
    /// # Errors
    /// When nobody can tell where the topic ends.
    pub async fn read_to_end(&self, topic: &str) -> Result<(), KafkaError> {
        self.ask(|reply| Command::ReadToEnd {
            topic: topic.to_owned(),
            reply,
        })
        .await
    }

    async fn ask(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<(), KafkaError>>) -> Command,
    ) -> Result<(), KafkaError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.commands.send(command(reply)).await;
        sent.map_err(|_| closed())?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }
}

fn closed() -> KafkaError {
    KafkaError::new(
        connect_kafka::ErrorKind::Closed,
        "the internal topics are closed",
    )
}
