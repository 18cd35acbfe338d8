//! Why a command ended, as the outside world is told.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use crate::providers::Secrets;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// It did what it was asked for.
    Done,
    /// It was called in a wrong way, or a worker of a cluster had to give up.
    Usage,
    /// It could not get what it needs: its settings, the cluster, a port.
    Setup,
    /// The worker or one of its connectors could not start.
    Start,
    /// What it was given to look at is not good.
    Refused,
    /// Ended from the keyboard.
    Interrupted,
    /// Ended by whoever supervises it.
    Terminated,
}

impl Exit {
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Usage => 1,
            Self::Setup => 2,
            Self::Start => 3,
            Self::Refused => 4,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// A command failed, and its user must act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            message: message.into(),
        }
    }

    /// The same without what configurations refer to.
    pub(super) fn hiding(self, secrets: &Secrets) -> Self {
        let message = secrets.hide(&self.message).into_owned();
        Self { message, ..self }
    }

    /// Something that the command needs cannot be had.
    pub(super) fn setup(error: &dyn Error) -> Self {
        Self {
            exit: Exit::Setup,
            message: with_causes(error),
        }
    }

    /// The worker or a connector did not start.
    pub(super) fn start(error: &dyn Error) -> Self {
        Self {
            exit: Exit::Start,
            message: with_causes(error),
        }
    }

    /// A worker of a cluster cannot go on.
    pub(super) fn herder(error: &dyn Error) -> Self {
        Self {
            exit: Exit::Usage,
            message: with_causes(error),
        }
    }

    /// The same failure, with what it is about in front.
    pub(super) fn about(self, what: impl fmt::Display) -> Self {
        Self {
            message: format!("{what}: {}", self.message),
            ..self
        }
    }

    pub(super) fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// An error and what caused it, in one line.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let what = error.to_string();
        // Some errors tell their cause themselves.
        if !text.ends_with(&what) {
            text.push_str(": ");
            text.push_str(&what);
        }
        cause = error.source();
    }
    text
}
