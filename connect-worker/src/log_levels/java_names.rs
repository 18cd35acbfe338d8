//! Loggers of the reference, and which parts of this program do the same work.
//!
//! `docs/logging.md` has this table.

/// A logger of the reference, and ours that follows it, with all that are below.
#[derive(Clone, Copy, Debug)]
pub(super) struct JavaName {
    pub(super) java: &'static str,
    pub(super) ours: &'static str,
}

const fn follows(java: &'static str, ours: &'static str) -> JavaName {
    JavaName { java, ours }
}

pub(super) const JAVA_NAMES: [JavaName; 28] = [
    follows("org.apache.kafka.connect", "connect_worker"),
    follows("org.apache.kafka.connect.cli", "connect_worker.cli"),
    follows("org.apache.kafka.connect.runtime", "connect_worker.worker"),
    follows(
        "org.apache.kafka.connect.runtime.Worker",
        "connect_worker.worker",
    ),
    follows(
        "org.apache.kafka.connect.runtime.AbstractHerder",
        "connect_worker.herder",
    ),
    follows(
        "org.apache.kafka.connect.runtime.standalone",
        "connect_worker.herder",
    ),
    follows(
        "org.apache.kafka.connect.runtime.standalone.StandaloneHerder",
        "connect_worker.herder",
    ),
    follows(
        "org.apache.kafka.connect.runtime.rest",
        "connect_worker.rest",
    ),
    follows(
        "org.apache.kafka.connect.runtime.rest.RestServer",
        "connect_worker.rest",
    ),
    follows(
        "org.apache.kafka.connect.runtime.rest.errors.ConnectExceptionMapper",
        "connect_worker.rest",
    ),
    follows(
        "org.apache.kafka.connect.runtime.WorkerConfig",
        "connect_worker.config",
    ),
    follows(
        "org.apache.kafka.connect.runtime.WorkerConfigTransformer",
        "connect_worker.providers",
    ),
    follows(
        "org.apache.kafka.connect.runtime.WorkerConnector",
        "connect_worker.worker.connector",
    ),
    follows(
        "org.apache.kafka.connect.runtime.WorkerTask",
        "connect_worker.worker.task",
    ),
    follows(
        "org.apache.kafka.connect.runtime.AbstractWorkerSourceTask",
        "connect_worker.worker.source",
    ),
    follows(
        "org.apache.kafka.connect.runtime.WorkerSourceTask",
        "connect_worker.worker.source",
    ),
    follows(
        "org.apache.kafka.connect.runtime.SourceTaskOffsetCommitter",
        "connect_worker.worker.source.commit",
    ),
    follows(
        "org.apache.kafka.connect.runtime.WorkerSinkTask",
        "connect_worker.worker.sink",
    ),
    follows(
        "org.apache.kafka.connect.runtime.TransformationChain",
        "connect_worker.worker.transforms",
    ),
    follows(
        "org.apache.kafka.connect.runtime.errors",
        "connect_worker.worker.errors",
    ),
    follows(
        "org.apache.kafka.connect.util.TopicAdmin",
        "connect_worker.worker.topics",
    ),
    follows("org.apache.kafka.connect.storage", "connect_worker.storage"),
    follows("org.apache.kafka.connect.file", "connect_file"),
    follows("org.apache.kafka.connect.json", "connect_converters"),
    follows("org.apache.kafka.connect.converters", "connect_converters"),
    follows("org.apache.kafka.connect.transforms", "connect_transforms"),
    follows(
        "org.apache.kafka.common.config.provider",
        "connect_providers",
    ),
    follows("org.apache.kafka.clients", "connect_kafka"),
];

/// The part that does the work of a class of the reference.
pub(super) fn class_part(java: &str) -> Option<&'static str> {
    let (_, class) = java.rsplit_once('.')?;
    let is_class = class.starts_with(|it: char| it.is_ascii_uppercase());
    let mut names = JAVA_NAMES.iter().filter(|it| is_class && it.java == java);
    names.next().map(|it| it.ours)
}

/// The loggers of the reference that a logger of ours follows: those of the nearest part that the
/// table has.
pub(super) fn followed(ours: &str) -> impl Iterator<Item = &'static str> {
    let is_above = |above: &str| {
        let below = ours.strip_prefix(above);
        below.is_some_and(|it| it.is_empty() || it.starts_with('.'))
    };
    let above = JAVA_NAMES.iter().filter(|it| is_above(it.ours));
    let nearest = above.map(|it| it.ours).max_by_key(|it| it.len());
    let names = JAVA_NAMES.iter().filter(move |it| Some(it.ours) == nearest);
    names.map(|it| it.java)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_follows_the_names_of_the_nearest_part_in_the_table() {
        let of = |ours| followed(ours).collect::<Vec<_>>();

        let herders = [
            "org.apache.kafka.connect.runtime.AbstractHerder",
            "org.apache.kafka.connect.runtime.standalone",
            "org.apache.kafka.connect.runtime.standalone.StandaloneHerder",
        ];
        assert_eq!(of("connect_worker.herder.standalone"), herders);
        assert_eq!(of("connect_worker.metrics"), ["org.apache.kafka.connect"]);
        assert_eq!(of("connect_kafka.client"), ["org.apache.kafka.clients"]);
        assert_eq!(of("connect_workers"), [""; 0]);
    }

    #[test]
    fn the_documentation_has_the_table() {
        let page = include_str!("../../../docs/logging.md");
        for JavaName { java, ours } in JAVA_NAMES {
            let row = format!("| `{java}` | `{ours}` |");
            assert!(page.contains(&row), "{row}");
        }
    }
}
