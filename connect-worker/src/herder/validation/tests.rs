//! Whole validations, compared with what the reference answers to the same configurations.

mod aliases;
mod embedded;
mod hints;

use connect_core::config::{DefaultValue, Props};

use super::*;
use crate::config::fixtures::{JSON, SIMPLE_HEADER, SINK, SOURCE, STRING, plugins};
use crate::config::worker::Brokers;

type Entries<'a> = &'a [(&'a str, Option<&'a str>)];

fn worker(policy: &str) -> WorkerConfig {
    let props = Props::from_iter([
        ("bootstrap.servers", "a:1"),
        ("key.converter", JSON),
        ("value.converter", JSON),
        ("offset.storage.file.filename", "f"),
        ("connector.client.config.override.policy", policy),
    ]);
    WorkerConfig::parse(props, Brokers::Configured, &plugins()).unwrap()
}

fn props(entries: Entries<'_>) -> Props {
    let mut props = Props::default();
    for (key, value) in entries {
        props.insert(*key, value.map(str::to_owned));
    }
    props
}

fn source(extra: Entries<'_>) -> Props {
    let required = [
        ("connector.class", Some("FileStreamSource")),
        ("name", Some("a")),
        ("topic", Some("t")),
    ];
    props(&[required.as_slice(), extra].concat())
}

fn sink(extra: Entries<'_>) -> Props {
    let required = [
        ("connector.class", Some("FileStreamSink")),
        ("name", Some("a")),
    ];
    props(&[required.as_slice(), extra].concat())
}

fn infos(props: &Props) -> ConfigInfos {
    validate(&plugins(), &worker("All"), props).unwrap()
}

fn entry<'a>(infos: &'a ConfigInfos, key: &str) -> &'a ConfigInfo {
    let is_wanted = |it: &&ConfigInfo| it.value.as_ref().is_some_and(|value| value.name == key);
    infos
        .configs
        .iter()
        .find(is_wanted)
        .unwrap_or_else(|| panic!("no entry for {key}"))
}

fn value<'a>(infos: &'a ConfigInfos, key: &str) -> Option<&'a str> {
    entry(infos, key).value.as_ref().unwrap().value.as_deref()
}

fn default(infos: &ConfigInfos, key: &str) -> DefaultValue {
    entry(infos, key)
        .definition
        .as_ref()
        .unwrap()
        .default
        .clone()
}

fn names(infos: &ConfigInfos) -> Vec<&str> {
    infos
        .configs
        .iter()
        .map(|it| it.value.as_ref().unwrap().name.as_str())
        .collect()
}

/// Compares all mistakes, in order, as `key: message`.
#[track_caller]
fn check(props: &Props, error_count: usize, expected: &[&str]) {
    let infos = infos(props);

    let values = infos.configs.iter().filter_map(|it| it.value.as_ref());
    let mistakes: Vec<_> = values
        .flat_map(|it| {
            it.errors
                .iter()
                .map(move |error| format!("{}: {error}", it.name))
        })
        .collect();
    assert_eq!(mistakes, expected);
    assert_eq!(infos.error_count, error_count);
}

#[track_caller]
fn check_refused(props: &Props, message: &str) {
    let error = validate(&plugins(), &worker("All"), props).unwrap_err();

    assert_eq!(error.to_string(), message);
}

const CONNECTORS: &str = "PluginDesc{klass=class \
    org.apache.kafka.connect.file.FileStreamSinkConnector, \
    name='org.apache.kafka.connect.file.FileStreamSinkConnector', version='4.3.1', \
    encodedVersion=4.3.1, type=sink, typeName='sink', location='classpath'}, \
    PluginDesc{klass=class org.apache.kafka.connect.file.FileStreamSourceConnector, \
    name='org.apache.kafka.connect.file.FileStreamSourceConnector', version='4.3.1', \
    encodedVersion=4.3.1, type=source, typeName='source', location='classpath'}";

#[test]
fn a_configuration_must_name_a_class() {
    check_refused(
        &props(&[("name", Some("a")), ("b", None)]),
        "Connector config {name=a, b=null} contains no connector type",
    );
    check_refused(
        &props(&[("connector.class", None)]),
        "Connector config {connector.class=null} contains no connector type",
    );
    let keys = "z topic file tasks.max a c aaa.bbb.ccc e h j l name";
    let config: Vec<_> = keys.split(' ').map(|it| (it, Some("1"))).collect();
    check_refused(
        &props(&config),
        "Connector config {a=1, c=1, e=1, tasks.max=1, h=1, j=1, l=1, aaa.bbb.ccc=1, file=1, \
         name=1, topic=1, z=1} contains no connector type",
    );
}

#[test]
fn the_class_must_be_that_of_a_connector() {
    for class in ["Nope", "JsonConverter", " FileStreamSource", ""] {
        check_refused(
            &props(&[("connector.class", Some(class))]),
            &format!(
                "Failed to find any class that implements Connector and which name matches \
                 {class}, available connectors are: {CONNECTORS}"
            ),
        );
    }
}

#[test]
fn an_ambiguous_class_is_refused_with_its_candidates() {
    let candidates = vec![SINK, SOURCE];
    let error = LookupError::Ambiguous {
        name: "X".to_owned(),
        candidates,
    };

    let message = lookup_message("X", &error, &plugins());

    assert_eq!(
        message,
        format!(
            "More than one connector matches alias X. Please use full package and class name \
             instead. Classes found: {CONNECTORS}"
        )
    );
}

#[test]
fn a_good_configuration_lists_every_key_in_order() {
    let infos = infos(&source(&[]));

    assert_eq!(infos.name, "FileStreamSource");
    assert_eq!(infos.error_count, 0);
    assert_eq!(
        infos.groups,
        [
            "Common",
            "Transforms",
            "Predicates",
            "Error Handling",
            "Topic Creation",
            "Exactly Once Support",
            "offsets.topic",
        ]
    );
    assert_eq!(
        names(&infos),
        [
            "name",
            "connector.class",
            "connector.plugin.version",
            "tasks.max",
            "tasks.max.enforce",
            "key.converter",
            "key.converter.plugin.version",
            "value.converter",
            "value.converter.plugin.version",
            "header.converter",
            "header.converter.plugin.version",
            "transforms",
            "predicates",
            "config.action.reload",
            "errors.retry.timeout",
            "errors.retry.delay.max.ms",
            "errors.tolerance",
            "errors.log.enable",
            "errors.log.include.messages",
            "topic.creation.groups",
            "exactly.once.support",
            "transaction.boundary",
            "transaction.boundary.interval.ms",
            "offsets.storage.topic",
            "file",
            "topic",
            "batch.size",
        ]
    );
}

#[test]
fn defaults_come_from_the_worker_and_the_plugins() {
    let infos = infos(&source(&[("key.converter", Some("String"))]));
    let text = |text: &'static str| DefaultValue::Text(text.into());

    assert_eq!(default(&infos, "connector.plugin.version"), text("4.3.1"));
    assert_eq!(value(&infos, "connector.plugin.version"), Some("4.3.1"));
    assert_eq!(default(&infos, "key.converter"), text(JSON));
    assert_eq!(value(&infos, "key.converter"), Some(STRING));
    assert_eq!(value(&infos, "value.converter"), Some(JSON));
    assert_eq!(value(&infos, "header.converter"), Some(SIMPLE_HEADER));
    let recommended = |key| {
        entry(&infos, key)
            .value
            .as_ref()
            .unwrap()
            .recommended_values
            .as_slice()
    };
    assert_eq!(recommended("key.converter"), [JSON, STRING]);
    assert_eq!(
        recommended("header.converter"),
        [JSON, SIMPLE_HEADER, STRING]
    );
    assert_eq!(recommended("key.converter.plugin.version"), ["4.3.1"]);
}

#[test]
fn a_value_that_does_not_parse_is_checked_as_null() {
    let props = props(&[
        ("connector.class", Some("FileStreamSource")),
        ("name", Some("")),
        ("topic", Some("t")),
        ("tasks.max", Some("x")),
    ]);

    check(
        &props,
        3,
        &[
            "name: Invalid value  for configuration name: String may not be empty",
            "tasks.max: Invalid value x for configuration tasks.max: Not a number of type INT",
            "tasks.max: Invalid value null for configuration tasks.max: Value must be non-null",
        ],
    );
}

#[test]
fn null_is_no_value_of_any_key() {
    let props = source(&[
        ("foo", None),
        ("tasks.max", None),
        ("config.action.reload", None),
        ("transforms", None),
        ("errors.retry.timeout", None),
    ]);
    let null = "Null value can not be supplied as the configuration value.";

    check(
        &props,
        8,
        &[
            &format!("foo: {null}"),
            "tasks.max: Invalid value null for configuration tasks.max: Value must be non-null",
            &format!("tasks.max: {null}"),
            "transforms: Invalid value null for configuration transforms: entry must be non null",
            &format!("transforms: {null}"),
            "config.action.reload: Invalid value null for configuration config.action.reload: String \
         must be one of: none, restart",
            &format!("config.action.reload: {null}"),
            &format!("errors.retry.timeout: {null}"),
        ],
    );
    assert!(entry(&infos(&props), "foo").definition.is_none());
}

#[test]
fn what_a_connector_says_of_its_keys_replaces_what_was_found_before() {
    let mut props = source(&[]);
    for key in ["file", "topic", "batch.size"] {
        props.insert(key, None);
    }

    check(&props, 0, &[]);
}

#[test]
fn topics_of_a_sink_are_checked_together() {
    check(
        &sink(&[]),
        2,
        &[
            "topics: Must configure one of topics or topics.regex",
            "topics.regex: Must configure one of topics or topics.regex",
        ],
    );
    let both = sink(&[
        ("topics", Some("a,b,,a")),
        ("topics.regex", Some("x")),
        ("errors.deadletterqueue.topic.name", Some("x")),
    ]);
    check(
        &both,
        4,
        &[
            "topics: Configuration 'topics' values must not be duplicated.",
            "topics: topics and topics.regex are mutually exclusive options, but both are set.",
            "topics.regex: topics and topics.regex are mutually exclusive options, but both are set.",
            "topics.regex: The DLQ topic 'x' may not be matched by the regex for the topics \
         ('topics.regex=x') consumed by the connector",
        ],
    );
    let dlq = sink(&[
        ("topics", Some(" a , b ")),
        ("errors.deadletterqueue.topic.name", Some(" b ")),
    ]);
    check(
        &dlq,
        1,
        &[
            "topics: The DLQ topic 'b' may not be included in the list of topics ('topics=[a, b]') \
         consumed by the connector",
        ],
    );
    check(
        &sink(&[("topics", None)]),
        4,
        &[
            "topics: Configuration 'topics' values must not be null.",
            "topics: Must configure one of topics or topics.regex",
            "topics: Null value can not be supplied as the configuration value.",
            "topics.regex: Must configure one of topics or topics.regex",
        ],
    );
}

#[test]
fn a_pattern_that_does_not_compile_is_a_mistake_of_its_key() {
    let infos = infos(&sink(&[
        ("topics.regex", Some("(")),
        ("errors.deadletterqueue.topic.name", Some("d")),
    ]));

    let errors = &entry(&infos, "topics.regex").value.as_ref().unwrap().errors;
    assert_eq!(errors.len(), 1);
    assert!(
        errors[0].starts_with("Invalid value ( for configuration topics.regex: Invalid regex: ")
    );
}

#[test]
fn a_connector_in_another_version_gets_the_common_checks_only() {
    let missing = "Plugin org.apache.kafka.connect.file.FileStreamSourceConnector not found that \
                   matches the version range [2,3), available versions: [4.3.1]";
    let props = source(&[
        ("connector.plugin.version", Some("[2,3)")),
        ("producer.override.linger.ms", Some("x")),
        ("transforms", Some("a")),
    ]);

    check(
        &props,
        2,
        &[
            &format!("connector.class: {missing}"),
            &format!("connector.plugin.version: {missing}"),
        ],
    );
    assert_eq!(names(&infos(&props)).len(), 19);
    check_refused(
        &source(&[("connector.plugin.version", Some("[1.0"))]),
        "Unbounded range: [1.0",
    );
    check(
        &source(&[("connector.plugin.version", Some("[4,5)"))]),
        0,
        &[],
    );
}

#[test]
fn creation_is_refused_with_all_messages() {
    let props = props(&[
        ("connector.class", Some("FileStreamSource")),
        ("tasks.max", Some("x")),
        ("name", Some("q")),
        ("foo", None),
    ]);

    let refusal = validate_for_create(&plugins(), &worker("All"), &props).unwrap_err();

    assert_eq!(
        refusal.to_string(),
        "Connector configuration is invalid and contains the following 4 error(s):\n\
         Null value can not be supplied as the configuration value.\n\
         Invalid value x for configuration tasks.max: Not a number of type INT\n\
         Invalid value null for configuration tasks.max: Value must be non-null\n\
         Missing required configuration \"topic\" which has no default value.\n\
         You can also find the above list of errors at the endpoint \
         `/connector-plugins/{connectorType}/config/validate`"
    );
    assert_eq!(
        validate_for_create(&plugins(), &worker("All"), &source(&[])).map(drop),
        Ok(())
    );
}

#[test]
fn a_plugin_that_panics_fails_its_validation_only() {
    let mut plugin = *plugins().connector(SOURCE).unwrap();
    plugin.config.validate = |_| panic!("no idea");
    let plugins = PluginRegistry::new([plugin]).unwrap();

    let error = validate(&plugins, &worker("All"), &source(&[])).unwrap_err();

    assert_eq!(
        error,
        ValidationError::Config(format!("{SOURCE} panicked in its validation: no idea"))
    );
}
