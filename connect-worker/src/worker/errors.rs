//! What follows when a record fails: it is tried again, skipped, or fails its task.
//!
//! A failure is reported before anything else happens, also when it fails the task, so that the
//! record that stopped a task can be found.

pub(crate) mod advice;
pub(crate) mod dead_letters;
mod retry;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connect_core::{ConnectError, Result};
use tokio::time::Instant;

use crate::config::connector::settings::{ErrorSettings, RetryBudget, Tolerance};
use crate::identity::TaskId;
use crate::metrics::{ErrorCounts, TaskFigures};
use crate::providers::Secrets;

use retry::Attempts;

/// What was being done with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Transformation,
    KeyConverter,
    ValueConverter,
    HeaderConverter,
    KafkaProduce,
    KafkaConsume,
    TaskPoll,
    TaskPut,
}

impl Stage {
    /// The name in logs and in headers of dead letters.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Transformation => "TRANSFORMATION",
            Self::KeyConverter => "KEY_CONVERTER",
            Self::ValueConverter => "VALUE_CONVERTER",
            Self::HeaderConverter => "HEADER_CONVERTER",
            Self::KafkaProduce => "KAFKA_PRODUCE",
            Self::KafkaConsume => "KAFKA_CONSUME",
            Self::TaskPoll => "TASK_POLL",
            Self::TaskPut => "TASK_PUT",
        }
    }
}

/// A record that failed in a stage.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) stage: Stage,
    /// Class of the plugin that failed.
    pub(crate) class: &'static str,
    /// The step of the transforms that failed, by the prefix of its keys.
    pub(crate) step: Option<Arc<str>>,
    pub(crate) error: ConnectError,
}

impl Failure {
    pub(crate) fn new(stage: Stage, class: &'static str, error: ConnectError) -> Self {
        Self {
            stage,
            class,
            step: None,
            error,
        }
    }

    pub(crate) fn in_step(self, step: &Arc<str>) -> Self {
        Self {
            step: Some(Arc::clone(step)),
            ..self
        }
    }
}

/// The attempts of the operation that fails at the moment. Each operation has a budget of its own.
#[derive(Debug, Default)]
pub(crate) struct Retries(Option<(Stage, Option<Arc<str>>, Attempts)>);

impl Retries {
    /// How long to wait before the failed operation is tried again; `None` when it is not.
    pub(crate) fn next_delay(
        &mut self,
        failure: &Failure,
        errors: &ErrorHandler,
    ) -> Option<Duration> {
        if !failure.error.is_retriable() {
            return None;
        }
        errors.counts().attempt_failed();
        let is_known = self
            .0
            .as_ref()
            .is_some_and(|(stage, step, _)| *stage == failure.stage && *step == failure.step);
        if !is_known {
            self.0 = Some((failure.stage, failure.step.clone(), errors.attempts()));
        }
        let (_, _, attempts) = self.0.as_mut()?;
        let delay = attempts.next_delay(Instant::now());
        if delay.is_some() {
            errors.counts().retried();
        }
        delay
    }

    /// The record has come through, or is given up.
    pub(crate) fn reset(&mut self) {
        self.0 = None;
    }
}

/// Decides about failed records of one task.
#[derive(Debug)]
pub(crate) struct ErrorHandler {
    figures: Arc<TaskFigures>,
    settings: ErrorSettings,
    secrets: Secrets,
}

impl ErrorHandler {
    pub(crate) fn new(
        figures: Arc<TaskFigures>,
        settings: ErrorSettings,
        secrets: Secrets,
    ) -> Self {
        Self {
            figures,
            settings,
            secrets,
        }
    }

    /// Where failures are counted.
    pub(crate) fn counts(&self) -> &ErrorCounts {
        &self.figures.errors
    }

    /// Whether failures are logged.
    pub(crate) fn is_logging(&self) -> bool {
        self.settings.log
    }

    /// Whether operations are tried again at all.
    pub(crate) fn may_retry(&self) -> bool {
        self.settings.retry != RetryBudget::Limited(Duration::ZERO)
    }

    /// Whether a record is still needed when an operation that consumed it has failed.
    pub(crate) fn needs_failed_records(&self) -> bool {
        self.may_retry() || (self.settings.log && self.settings.log_records)
    }

    /// How long an operation is tried again.
    fn attempts(&self) -> Attempts {
        Attempts::new(self.settings.retry, self.settings.retry_delay_max)
    }

    /// Logs a failure, if that is asked for. `record` says which record it was, and `content` shows
    /// it if records may be shown.
    pub(crate) fn log(
        &self,
        failure: &Failure,
        record: &dyn fmt::Display,
        content: Option<&dyn fmt::Debug>,
    ) {
        if !self.settings.log {
            return;
        }
        self.counts().logged();
        let stage = failure.stage.as_str();
        let class = failure.class;
        let step = failure.step.as_deref();
        let trace = failure.error.trace();
        let error = &*self.secrets.hide(&trace);
        let content = content.filter(|_| self.settings.log_records);
        let content = content.map(tracing::field::debug);
        let record = record.to_string();
        let record = &*self.secrets.hide(&record);
        tracing::error!(
            task = %self.figures.id(), stage, class, step, record, content, error,
            "error encountered in task"
        );
    }

    /// Counts an operation that is given up. What was done with a record before it came to the
    /// worker, or behind it, is no failed operation as long as it is tolerated.
    fn count(&self, failure: &Failure) {
        let counts = self.counts();
        let is_tolerated = self.settings.tolerance == Tolerance::All;
        let is_elsewhere = matches!(failure.stage, Stage::KafkaProduce | Stage::TaskPut);
        counts.given_up();
        if !is_elsewhere || !is_tolerated {
            counts.failed();
        }
        if !is_elsewhere && is_tolerated {
            counts.skipped();
        }
    }

    /// `Ok` when the record may be skipped.
    ///
    /// # Errors
    /// What fails the task: nothing is tolerated.
    pub(crate) fn tolerate(&self, failure: Failure, record: &dyn fmt::Display) -> Result<()> {
        self.count(&failure);
        if self.settings.tolerance == Tolerance::All {
            return Ok(());
        }
        let Failure {
            stage,
            class,
            step,
            error,
        } = failure;
        let step = step.map(|it| format!(" of {it}")).unwrap_or_default();
        let TaskId { connector, task } = self.figures.id();
        let detail = ConnectError::data(format_args!(
            "connector {connector}, task {task}: stage {} with class {class}{step} failed for \
             {record}; such records are skipped with errors.tolerance=all",
            stage.as_str()
        ))
        .caused_by(error);
        Err(ConnectError::fatal("Tolerance exceeded in error handler").caused_by(detail))
    }
}
