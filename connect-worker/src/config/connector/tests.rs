//! The worker's part of connector configurations.

use std::num::NonZeroU32;
use std::time::Duration;

use connect_core::config::Props;
use connect_core::plugin::PluginKind;

use super::settings::{
    ConnectorSettings, DeadLetterQueue, ReloadAction, RetryBudget, Tolerance, TopicChoice,
};
use super::{sink_definition, source_definition};
use crate::config::fixtures::{MASK, plugins};

fn parse(kind: PluginKind, extra: &[(&str, &str)]) -> Result<ConnectorSettings, String> {
    let required = [("name", "c"), ("connector.class", "X")];
    let props = Props::from_iter(required.iter().chain(extra).copied());
    ConnectorSettings::parse(&props, kind, &plugins()).map_err(|errors| {
        let messages: Vec<_> = errors
            .iter()
            .map(|(_, message)| message.to_owned())
            .collect();
        messages.join("\n")
    })
}

#[track_caller]
fn check_error(kind: PluginKind, extra: &[(&str, &str)], message: &str) {
    assert_eq!(parse(kind, extra).unwrap_err(), message, "{extra:?}");
}

#[test]
fn sources_and_sinks_share_nineteen_keys() {
    let names = |definition: super::Definition| -> Vec<String> {
        definition
            .settings()
            .map(|it| it.key.name.clone().into_owned())
            .collect()
    };
    let (source, sink) = (names(source_definition()), names(sink_definition()));

    assert_eq!(source[..19], sink[..19]);
    assert_eq!(
        source[19..],
        [
            "topic.creation.groups",
            "exactly.once.support",
            "transaction.boundary",
            "transaction.boundary.interval.ms",
            "offsets.storage.topic",
        ]
    );
    assert_eq!(
        sink[19..],
        [
            "topics",
            "topics.regex",
            "errors.deadletterqueue.topic.name",
            "errors.deadletterqueue.topic.replication.factor",
            "errors.deadletterqueue.context.headers.enable",
        ]
    );
}

#[test]
fn absent_keys_have_the_defaults_of_the_reference() {
    let settings = parse(PluginKind::Source, &[]).unwrap();

    assert_eq!(settings.name.as_str(), "c");
    assert_eq!(settings.class, "X");
    assert_eq!(settings.tasks_max, NonZeroU32::MIN);
    assert!(settings.tasks_max_enforce);
    assert!(settings.transforms.is_empty() && settings.predicates.is_empty());
    assert_eq!(settings.reload, ReloadAction::Restart);
    assert_eq!(settings.errors.retry, RetryBudget::Limited(Duration::ZERO));
    assert_eq!(settings.errors.retry_delay_max, Duration::from_secs(60));
    assert_eq!(settings.errors.tolerance, Tolerance::None);
    assert!(!settings.errors.log && !settings.errors.log_records);
    assert!(settings.sink.is_none());
}

#[test]
fn errors_can_be_tolerated_forever() {
    let settings = parse(
        PluginKind::Source,
        &[
            ("errors.retry.timeout", "-1"),
            ("errors.tolerance", "all"),
            ("errors.log.enable", "TRUE"),
            ("config.action.reload", "none"),
        ],
    )
    .unwrap();

    assert_eq!(settings.errors.retry, RetryBudget::Unlimited);
    assert_eq!(settings.errors.tolerance, Tolerance::All);
    assert!(settings.errors.log);
    assert_eq!(settings.reload, ReloadAction::None);
}

#[test]
fn a_sink_reads_named_topics() {
    let settings = parse(
        PluginKind::Sink,
        &[
            ("topics", "a, b,a"),
            ("errors.deadletterqueue.topic.name", " d "),
            ("errors.deadletterqueue.topic.replication.factor", "1"),
            ("errors.deadletterqueue.context.headers.enable", "true"),
        ],
    );
    let sink = settings.unwrap().sink.unwrap();

    let TopicChoice::Names(topics) = sink.topics else {
        panic!("{:?}", sink.topics)
    };
    assert_eq!(topics, ["a", "b"]);
    let dlq = DeadLetterQueue {
        topic: "d".to_owned(),
        replication: 1,
        context_headers: true,
    };
    assert_eq!(sink.dlq, Some(dlq));
}

#[test]
fn a_sink_reads_topics_whose_whole_name_matches() {
    let sink = parse(PluginKind::Sink, &[("topics.regex", "a|b.*")])
        .unwrap()
        .sink
        .unwrap();

    let TopicChoice::Pattern(pattern) = sink.topics else {
        panic!("{:?}", sink.topics)
    };
    assert!(pattern.is_match("a") && pattern.is_match("bc"));
    assert!(!pattern.is_match("ab") && !pattern.is_match("xb"));
    assert_eq!(sink.dlq, None);
}

#[test]
fn mistakes_have_the_texts_of_the_reference() {
    let source = PluginKind::Source;
    check_error(
        source,
        &[("name", "")],
        "Invalid value  for configuration name: String may not be empty",
    );
    check_error(
        source,
        &[("name", "a\u{1}b\u{7f}")],
        "Invalid value a\u{1}b\u{7f} for configuration name: String may not contain control \
         sequences but had the following ASCII chars: 1, 127",
    );
    check_error(
        source,
        &[("tasks.max", "x")],
        "Invalid value x for configuration tasks.max: Not a number of type INT",
    );
    check_error(
        source,
        &[("transforms", "a,a")],
        "Invalid value null for configuration transforms.a.type: Not a Transformation\n\
         Invalid value [a, a] for configuration transforms: Duplicate alias provided.",
    );
    check_error(
        source,
        &[("transforms", "a"), ("transforms.a.type", "Nope")],
        "Invalid value Nope for configuration transforms.a.type: Class Nope could not be found.",
    );
    check_error(
        source,
        &[("predicates", "p")],
        "Invalid value null for configuration predicates.p.type: Not a Predicate",
    );
}

#[test]
fn the_topics_of_a_sink_are_checked_together() {
    let sink = PluginKind::Sink;
    check_error(
        sink,
        &[("topics", "a"), ("topics.regex", "b")],
        "Invalid value a for configuration topics: topics and topics.regex are mutually exclusive \
         options, but both are set.\nInvalid value b for configuration topics.regex: topics and \
         topics.regex are mutually exclusive options, but both are set.",
    );
    check_error(
        sink,
        &[("topics", "a,,b")],
        "Configuration 'topics' values must not be empty.",
    );
}

#[test]
fn transformations_are_checked_before_they_are_made() {
    let source = PluginKind::Source;
    let mask = [
        ("transforms", "m"),
        ("transforms.m.type", MASK),
        ("transforms.m.fields", "a"),
        ("transforms.m.zone", "z"),
    ];
    let with = |more: &[(&'static str, &'static str)]| [mask.as_slice(), more].concat();

    assert_eq!(parse(source, &mask).unwrap().transforms, ["m"]);
    check_error(
        source,
        &with(&[("transforms.m.width", "x"), ("transforms.m.negate", "no")]),
        "Config 'transforms.m.negate' was provided but there is no config \
         'transforms.m.predicate' defining a predicate to be negated.\n\
         Invalid value x for configuration transforms.m.width: Not a number of type INT\n\
         Invalid value no for configuration transforms.m.negate: Expected value to be either true \
         or false",
    );
    check_error(
        source,
        &with(&[("transforms.m.width", "0")]),
        "Invalid value 0 for configuration width: Value must be at least 1",
    );
}
