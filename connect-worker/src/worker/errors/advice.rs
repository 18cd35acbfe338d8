//! What a task leaves behind when it fails: which it was, where it was, and what its user can do.

use std::error::Error;

use connect_core::{ConnectError, ErrorKind};
use connect_kafka::{ErrorKind as KafkaErrorKind, KafkaError};

use super::Stage;
use crate::identity::TaskId;

/// The last line of the trace of a task that has failed.
pub(crate) fn last_line(
    id: &TaskId,
    class: &str,
    stage: Option<Stage>,
    error: &ConnectError,
) -> String {
    let TaskId { connector, task } = id;
    let stage = stage.map(|it| format!(" in stage {}", it.as_str()));
    let stage = stage.unwrap_or_default();
    let remedy = match remedy(error) {
        Some(remedy) => format!("{remedy}. Then restart it"),
        None => "restart it once the cause is mended".to_owned(),
    };
    format!(
        "Task {task} of connector {connector} with class {class} failed{stage}: {remedy} with \
         POST /connectors/{connector}/tasks/{task}/restart"
    )
}

/// What helps against an error, as far as its kind says so.
fn remedy(error: &ConnectError) -> Option<&'static str> {
    let kafka = causes(error).find_map(|it| it.downcast_ref::<KafkaError>());
    if let Some(kafka) = kafka {
        return remedy_for_kafka(kafka);
    }
    let is_config = causes(error)
        .filter_map(|it| it.downcast_ref::<ConnectError>())
        .any(|it| it.kind() == ErrorKind::Config);
    is_config.then_some("change the configuration of the connector or its worker")
}

fn remedy_for_kafka(error: &KafkaError) -> Option<&'static str> {
    const TOO_LARGE: [&str; 2] = ["MSG_SIZE_TOO_LARGE", "_MSG_SIZE_TOO_LARGE"];
    if error.code().is_some_and(|it| TOO_LARGE.contains(&it.name)) {
        return Some(
            "allow larger records: max.request.size of the producer (producer.override.), \
             max.message.bytes of the topic",
        );
    }
    match error.kind() {
        KafkaErrorKind::Config => Some("change the settings of the client that the text names"),
        KafkaErrorKind::Timeout | KafkaErrorKind::Retriable => {
            Some("see to it that the brokers behind bootstrap.servers can be reached")
        }
        KafkaErrorKind::Authentication => {
            Some("check the credentials of the client (sasl.*, ssl.*)")
        }
        KafkaErrorKind::Authorization => {
            Some("let the user of the client do that, in the rules of the brokers")
        }
        KafkaErrorKind::UnknownTopic => {
            Some("create the topic, or have it created with topic.creation.*")
        }
        KafkaErrorKind::Fenced => Some("end the other client that has the same id"),
        _ => None,
    }
}

fn causes<'a>(error: &'a ConnectError) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let error: &(dyn Error + 'static) = error;
    std::iter::successors(Some(error), |it| (*it).source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(error: &ConnectError, stage: Option<Stage>, expected: &str) {
        let id = TaskId {
            connector: "orders".into(),
            task: 3,
        };
        let line = last_line(&id, "org.example.Orders", stage, error);
        let (before, after) = (
            "Task 3 of connector orders with class org.example.Orders failed",
            " with POST /connectors/orders/tasks/3/restart",
        );
        assert_eq!(line, format!("{before}{expected}{after}"));
    }

    #[test]
    fn the_last_line_names_the_task_and_what_to_try() {
        let plain = ConnectError::fatal("no table of that name");
        check(
            &plain,
            Some(Stage::TaskPoll),
            " in stage TASK_POLL: restart it once the cause is mended",
        );
        let config = ConnectError::fatal("no").caused_by(ConnectError::config("bad key"));
        check(
            &config,
            None,
            ": change the configuration of the connector or its worker. Then restart it",
        );
    }

    #[test]
    fn what_brokers_refuse_has_a_remedy() {
        for (kind, remedy) in [
            (
                KafkaErrorKind::Authorization,
                "let the user of the client do that, in the rules of the brokers",
            ),
            (
                KafkaErrorKind::UnknownTopic,
                "create the topic, or have it created with topic.creation.*",
            ),
            (
                KafkaErrorKind::Timeout,
                "see to it that the brokers behind bootstrap.servers can be reached",
            ),
        ] {
            let cause = KafkaError::new(kind, "refused");
            let error = ConnectError::fatal("outer")
                .caused_by(ConnectError::data("inner").caused_by(cause));
            let expected = format!(" in stage KAFKA_PRODUCE: {remedy}. Then restart it");
            check(&error, Some(Stage::KafkaProduce), &expected);
        }
    }
}
