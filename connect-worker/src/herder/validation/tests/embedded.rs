//! Keys of converters and clients.

use super::*;
use crate::config::fixtures::MASK;

#[test]
fn converters_are_checked_by_class_and_kind() {
    check(
        &source(&[
            ("key.converter", Some("Nope")),
            ("value.converter", Some("FileStreamSink")),
            ("header.converter", Some("SimpleHeaderConverter")),
        ]),
        2,
        &[
            "key.converter: Invalid value Nope for configuration key.converter: Class Nope could \
             not be found.",
            "value.converter: Class class org.apache.kafka.connect.file.FileStreamSinkConnector \
             does not implement the Converter interface",
        ],
    );
}

#[test]
fn classes_of_java_are_told_from_those_that_are_nowhere() {
    const TEXTS: &str = "org.apache.kafka.common.serialization.StringDeserializer";
    const CONVERTER: &str = "org.apache.kafka.connect.storage.Converter";

    check(
        &source(&[
            ("key.converter", Some("java.lang.string")),
            ("value.converter", Some(TEXTS)),
            ("header.converter", Some(CONVERTER)),
            ("transforms", Some("a")),
            ("transforms.a.type", Some(" java.lang.String ")),
            ("predicates", Some("p")),
            ("predicates.p.type", Some("java.lang.Object")),
        ]),
        5,
        &[
            "key.converter: Invalid value java.lang.string for configuration key.converter: Class \
             java.lang.string could not be found.",
            "value.converter: Class class org.apache.kafka.common.serialization.StringDeserializer \
             does not implement the Converter interface",
            "header.converter: Class interface org.apache.kafka.connect.storage.Converter does not \
             implement the HeaderConverter interface",
            "transforms.a.type: Class class java.lang.String does not implement the \
             Transformation interface",
            "predicates.p.type: Class class java.lang.Object does not implement the Predicate \
             interface",
        ],
    );
    check(
        &source(&[("key.converter", Some(CONVERTER))]),
        1,
        &["key.converter: This class is abstract and cannot be created."],
    );
}

#[test]
fn the_version_of_an_unknown_converter_is_not_shown() {
    let infos = infos(&source(&[("key.converter", Some("Nope"))]));

    let version = entry(&infos, "key.converter.plugin.version");
    assert!(!version.value.as_ref().unwrap().visible);
    assert_eq!(
        version.definition.as_ref().unwrap().default,
        DefaultValue::Null
    );
}

#[test]
fn the_version_of_a_class_that_is_no_converter_is_shown() {
    for class in [MASK, "org.apache.kafka.connect.transforms.MaskField"] {
        let infos = infos(&source(&[("key.converter", Some(class))]));

        let version = entry(&infos, "key.converter.plugin.version");
        assert!(version.value.as_ref().unwrap().visible, "{class}");
    }
}

#[test]
fn a_converter_with_blanks_around_its_name_is_not_loaded() {
    check(
        &source(&[("key.converter", Some("JsonConverter "))]),
        1,
        &["key.converter: Failed to load class JsonConverter : JsonConverter "],
    );
}

#[test]
fn a_null_type_of_a_converter_is_none() {
    let props = source(&[
        ("key.converter", Some(JSON)),
        ("key.converter.converter.type", None),
    ]);

    check(
        &props,
        1,
        &[
            "key.converter.converter.type: Null value can not be supplied as the configuration value.",
        ],
    );
    let infos = infos(&props);
    let listed = infos
        .configs
        .iter()
        .rev()
        .filter_map(|it| it.value.as_ref());
    let mut types = listed.filter(|it| it.name == "key.converter.converter.type");
    assert_eq!(types.next().unwrap().value.as_deref(), Some("key"));
}

#[test]
fn settings_of_own_converters_stand_last() {
    let props = source(&[
        ("key.converter", Some("JsonConverter")),
        ("key.converter.schemas.enable", Some("zzz")),
        ("key.converter.foo", Some("x")),
        ("header.converter", Some("JsonConverter")),
        ("producer.override.acks", Some("1")),
    ]);

    check(
        &props,
        1,
        &[
            "key.converter.schemas.enable: Invalid value zzz for configuration schemas.enable: \
         Expected value to be either true or false",
        ],
    );
    let infos = infos(&props);
    assert_eq!(
        names(&infos)[27..],
        [
            "producer.override.acks",
            "header.converter.converter.type",
            "header.converter.schemas.enable",
            "key.converter.converter.type",
            "key.converter.schemas.enable",
        ]
    );
    assert_eq!(infos.groups[7..], ["Schemas"]);
    let key = entry(&infos, "key.converter.schemas.enable")
        .definition
        .as_ref()
        .unwrap();
    assert_eq!(key.name, "key.converter.schemas.enable");
    assert_eq!(
        (key.display_name.as_ref(), key.group.as_deref()),
        ("Enable Schemas", Some("Schemas"))
    );
    assert_eq!(value(&infos, "key.converter.converter.type"), Some("key"));
}

#[test]
fn a_converter_in_another_version_is_not_configured() {
    let missing = "Plugin org.apache.kafka.connect.json.JsonConverter not found that matches the \
                   version range [1.0,1.0], available versions: [4.3.1, 4.3.1]";
    let props = source(&[
        ("key.converter", Some("JsonConverter")),
        ("key.converter.plugin.version", Some("1.0")),
    ]);

    check(
        &props,
        2,
        &[
            &format!("key.converter: {missing}"),
            &format!("key.converter.plugin.version: {missing}"),
        ],
    );
    let malformed = source(&[
        ("key.converter", Some("JsonConverter")),
        ("key.converter.plugin.version", Some("(1.0")),
    ]);
    check(
        &malformed,
        1,
        &["key.converter.plugin.version: Unbounded range: (1.0"],
    );
    assert_eq!(names(&infos(&malformed)).len(), 27);
    check(
        &source(&[("key.converter.plugin.version", Some("1.0"))]),
        0,
        &[],
    );
}

#[test]
fn overrides_of_used_clients_are_listed() {
    let props = source(&[
        ("producer.override.linger.ms", Some(" 5 ")),
        ("producer.override.acks", Some("nonsense")),
        ("producer.override.foo", Some("x")),
        ("producer.override.ssl.keystore.password", Some("x")),
        ("consumer.override.x", Some("y")),
        ("admin.override.retries", Some("1")),
    ]);

    let infos = infos(&props);

    assert_eq!(
        names(&infos)[27..],
        [
            "producer.override.linger.ms",
            "producer.override.acks",
            "producer.override.foo",
            "producer.override.ssl.keystore.password",
        ]
    );
    assert_eq!(value(&infos, "producer.override.linger.ms"), Some("5"));
    assert_eq!(
        value(&infos, "producer.override.ssl.keystore.password"),
        Some("[hidden]")
    );
    assert!(entry(&infos, "producer.override.foo").definition.is_none());
    let key = entry(&infos, "producer.override.acks")
        .definition
        .as_ref()
        .unwrap();
    assert_eq!(
        (key.name.as_ref(), key.display_name.as_ref()),
        ("producer.override.acks", "acks")
    );
}

#[test]
fn a_dead_letter_queue_and_created_topics_need_more_clients() {
    let overrides = [
        ("producer.override.acks", Some("1")),
        ("consumer.override.group.id", Some("z")),
        ("admin.override.x", Some("1")),
    ];
    let listed = |props: &Props| -> Vec<String> {
        let infos = infos(props);
        let names = names(&infos)
            .into_iter()
            .filter(|it| it.contains(".override."));
        names.map(str::to_owned).collect()
    };
    let dlq = ("errors.deadletterqueue.topic.name", Some("d"));
    let rule = ("topic.creation.default.partitions", Some("x"));
    let topics = ("topics", Some("t"));
    let with = |extra: &[_]| [overrides.as_slice(), extra].concat();

    assert_eq!(
        listed(&sink(&with(&[topics]))),
        ["consumer.override.group.id"]
    );
    assert_eq!(
        listed(&sink(&with(&[topics, dlq]))),
        [
            "producer.override.acks",
            "consumer.override.group.id",
            "admin.override.x"
        ]
    );
    assert_eq!(
        listed(&source(&with(&[rule]))),
        ["producer.override.acks", "admin.override.x"]
    );
}

#[test]
fn an_override_of_another_type_ends_the_validation() {
    let props = source(&[("producer.override.linger.ms", Some("abc"))]);

    let error = validate(&plugins(), &worker("All"), &props).unwrap_err();

    assert_eq!(
        error.to_string(),
        "Invalid value abc for configuration linger.ms: Not a number of type LONG"
    );
    assert_eq!(
        error.exception(),
        "org.apache.kafka.common.config.ConfigException"
    );
}

#[test]
fn the_policy_refuses_overrides() {
    let props = source(&[("producer.override.acks", Some("1"))]);

    let infos = validate(&plugins(), &worker("None"), &props).unwrap();

    assert_eq!(infos.error_count, 1);
    assert_eq!(
        entry(&infos, "producer.override.acks")
            .value
            .as_ref()
            .unwrap()
            .errors,
        [
            "The 'None' policy does not allow 'acks' to be overridden in the connector \
          configuration."
        ]
    );
}

#[test]
fn a_null_override_is_listed_twice() {
    let infos = infos(&source(&[("producer.override.linger.ms", None)]));

    assert_eq!(infos.error_count, 1);
    let entries = names(&infos);
    let count = entries
        .iter()
        .filter(|it| **it == "producer.override.linger.ms")
        .count();
    assert_eq!(count, 2);
}
