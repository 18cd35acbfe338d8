//! Keys of transformations and predicates.

use super::*;
use crate::config::fixtures::MASK;

#[test]
fn aliases_need_a_class_of_their_kind() {
    let props = source(&[
        ("transforms", Some("a,,a")),
        ("transforms.a.type", Some("Nope")),
        ("transforms.a.plugin.version", Some("[1.0")),
        ("transforms.a.negate", Some("true")),
        ("predicates", Some("p")),
        ("predicates.p.type", Some("JsonConverter")),
    ]);

    check(
        &props,
        6,
        &[
            "transforms: Invalid value [a, , a] for configuration transforms: Duplicate alias \
         provided.",
            "transforms.a.type: Invalid value Nope for configuration transforms.a.type: Class Nope \
         could not be found.",
            "transforms.a.type: Config 'transforms.a.negate' was provided but there is no config \
         'transforms.a.predicate' defining a predicate to be negated.",
            "transforms.a.plugin.version: Unbounded range: [1.0",
            "transforms..type: Missing required configuration \"transforms..type\" which has no \
         default value.",
            "predicates.p.type: Class class org.apache.kafka.connect.json.JsonConverter does not \
         implement the Predicate interface",
        ],
    );
    let infos = infos(&props);
    assert_eq!(
        infos.groups[7..],
        ["Transforms: a", "Transforms: ", "Predicates: p"]
    );
    assert_eq!(value(&infos, "predicates.p.type"), Some(JSON));
    let key = entry(&infos, "transforms.a.type")
        .definition
        .as_ref()
        .unwrap();
    assert_eq!(key.display_name, "Transformation type for a");
    let key = entry(&infos, "predicates.p.plugin.version")
        .definition
        .as_ref()
        .unwrap();
    assert_eq!(
        (key.display_name.as_ref(), key.order_in_group),
        ("Predicate version for p", 1)
    );
}

#[test]
fn keys_of_the_plugin_follow_the_class_of_their_alias() {
    let props = source(&[
        ("transforms", Some("m")),
        ("transforms.m.type", Some(MASK)),
        ("transforms.m.zone", Some("z")),
        ("transforms.m.fields", Some("a, b")),
        ("transforms.m.predicate", Some("p")),
        ("transforms.m.negate", Some("true")),
        ("predicates", Some("p")),
        ("predicates.p.type", Some("TopicNameMatches")),
        ("predicates.p.pattern", Some("a.*")),
    ]);

    check(&props, 0, &[]);
    let infos = infos(&props);
    let placed: Vec<_> = infos
        .configs
        .iter()
        .filter_map(|it| it.definition.as_ref())
        .filter(|it| it.name.starts_with("transforms.") || it.name.starts_with("predicates."))
        .map(|it| {
            (
                it.name.as_ref(),
                it.group.as_deref().unwrap(),
                it.order_in_group,
            )
        })
        .collect();
    let (mask, matches) = ("Transforms: m", "Predicates: p");
    assert_eq!(
        placed,
        [
            ("transforms.m.type", mask, 0),
            ("transforms.m.plugin.version", mask, 1),
            ("transforms.m.fields", mask, 2),
            ("transforms.m.zone", mask, 3),
            ("transforms.m.negate", mask, 4),
            ("transforms.m.predicate", mask, 5),
            ("transforms.m.width", mask, 6),
            ("transforms.m.replacement", "Transforms: m: Looks", 7),
            ("predicates.p.type", matches, 0),
            ("predicates.p.plugin.version", matches, 1),
            ("predicates.p.pattern", matches, 2),
        ]
    );
    assert_eq!(
        infos.groups[7..],
        ["Transforms: m", "Transforms: m: Looks", "Predicates: p"]
    );
    assert_eq!(value(&infos, "transforms.m.fields"), Some("a,b"));
    assert_eq!(value(&infos, "transforms.m.width"), Some("8"));
    let negate = entry(&infos, "transforms.m.negate").definition.as_ref();
    assert_eq!(negate.unwrap().importance.as_str(), "MEDIUM");
    assert_eq!(negate.unwrap().display_name, "negate");
}

#[test]
fn mistakes_are_found_by_the_plugin() {
    let props = source(&[
        ("transforms", Some("m,w")),
        ("transforms.m.type", Some(MASK)),
        ("transforms.m.fields", Some("")),
        ("transforms.m.width", Some("x")),
        ("transforms.m.predicate", Some("p")),
        ("transforms.m.negate", Some("maybe")),
        ("transforms.w.type", Some(MASK)),
        ("transforms.w.zone", Some("z")),
        ("transforms.w.fields", Some("a")),
        ("transforms.w.width", Some("0")),
        ("predicates", Some("p")),
        ("predicates.p.type", Some("TopicNameMatches")),
    ]);

    check(
        &props,
        7,
        &[
            "transforms.m.fields: Invalid value [] for configuration fields: List must be \
             non-empty",
            "transforms.m.zone: Missing required configuration \"transforms.m.zone\" which has no \
             default value.",
            "transforms.m.negate: Invalid value maybe for configuration transforms.m.negate: \
             Expected value to be either true or false",
            "transforms.m.width: Invalid value x for configuration transforms.m.width: Not a number \
             of type INT",
            "transforms.m.width: Invalid value null for configuration width: Value must be non-null",
            "transforms.w.width: Invalid value 0 for configuration width: Value must be at least 1",
            "predicates.p.pattern: Missing required configuration \"predicates.p.pattern\" which has \
             no default value.",
        ],
    );
}

#[test]
fn a_transformation_in_another_version_shows_no_keys_of_its_own() {
    let missing = format!(
        "Plugin {MASK} not found that matches the version range [1.0,1.0], available versions: \
         [4.3.1]"
    );
    let props = source(&[
        ("transforms", Some("m")),
        ("transforms.m.type", Some(MASK)),
        ("transforms.m.plugin.version", Some("1.0")),
    ]);

    check(
        &props,
        2,
        &[
            &format!("transforms.m.type: {missing}"),
            &format!("transforms.m.plugin.version: {missing}"),
        ],
    );
    let infos = infos(&props);
    let keys = names(&infos);
    assert_eq!(
        keys.iter()
            .filter(|it| it.starts_with("transforms."))
            .collect::<Vec<_>>(),
        [&"transforms.m.type", &"transforms.m.plugin.version"]
    );
}

#[test]
fn what_is_negated_is_asked_before_the_kind_of_a_class() {
    for class in [
        "JsonConverter",
        "org.apache.kafka.connect.transforms.MaskField",
    ] {
        check(
            &source(&[
                ("transforms", Some("a")),
                ("transforms.a.type", Some(class)),
                ("transforms.a.negate", Some("true")),
            ]),
            1,
            &[
                "transforms.a.type: Config 'transforms.a.negate' was provided but there is no \
                 config 'transforms.a.predicate' defining a predicate to be negated.",
            ],
        );
    }
}

#[test]
fn a_class_with_blanks_around_its_name_is_found_but_its_keys_are_not() {
    let blanks = format!(" {MASK} ");
    let props = source(&[
        ("transforms", Some("a")),
        ("transforms.a.type", Some(&blanks)),
    ]);

    check(&props, 0, &[]);
    let infos = infos(&props);
    assert_eq!(value(&infos, "transforms.a.type"), Some(MASK));
    assert_eq!(value(&infos, "transforms.a.plugin.version"), None);
    assert!(!names(&infos).contains(&"transforms.a.negate"));
}
