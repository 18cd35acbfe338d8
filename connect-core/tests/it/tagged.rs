//! Enums whose variants bring keys of their own.

use connect_core::config::{ConfigBlock as _, ConnectorConfig as _, DefaultValue};
use connect_core::prelude::*;

/// Reads from a server.
#[derive(Debug, PartialEq, ConnectorConfig)]
struct Server {
    /// Host name of the server.
    host: String,
    #[config(nested)]
    auth: Auth,
    #[config(flatten)]
    codec: Codec,
}

/// How to log in.
#[derive(Debug, PartialEq, ConnectorConfig)]
#[config(tag = "type", default = "password", check = Auth::check)]
enum Auth {
    /// No authentication.
    Trust,
    /// A user name and a password.
    Password {
        /// Name of the user.
        #[config(importance = high)]
        user: String,
        /// Password of the user.
        password: Secret,
        /// How often to try.
        #[config(default = 3, range = 1..=9)]
        tries: u16,
    },
    /// A certificate.
    #[config(name = "x509")]
    Certificate {
        /// Name of the user.
        user: Option<String>,
        #[config(nested)]
        store: Store,
    },
}

impl Auth {
    fn check(&self, errors: &mut ConfigErrors) {
        if matches!(self, Self::Password { user, .. } if user == "nobody") {
            errors.add("user", "nobody cannot log in");
        }
    }
}

/// Where a certificate is.
#[derive(Debug, PartialEq, ConnectorConfig)]
#[config(tag = "kind")]
enum Store {
    /// In a file.
    File {
        /// Where it is.
        path: String,
    },
    /// In memory.
    Memory {},
}

/// How records are compressed.
#[derive(Debug, PartialEq, ConnectorConfig)]
#[config(tag = "codec", prefix = "compression.", default = "none")]
enum Codec {
    /// Not at all.
    None,
    /// By zstd.
    Zstd {
        /// How hard it tries.
        #[config(default = 3)]
        level: i32,
    },
}

#[track_caller]
fn parse(entries: &[(&str, &str)]) -> Server {
    let props = entries.iter().chain(&[("host", "db")]).copied();
    Server::parse(&Props::from_iter(props)).expect("a good configuration")
}

#[track_caller]
fn check_errors(entries: &[(&str, &str)], expected: &[&str]) {
    let props = entries.iter().chain(&[("host", "db")]).copied();
    let errors = Server::parse(&Props::from_iter(props)).expect_err("there are mistakes");

    let messages: Vec<_> = errors.iter().map(|(_, message)| message).collect();
    assert_eq!(messages, expected);
}

fn file_store() -> Vec<(&'static str, &'static str)> {
    vec![
        ("auth.type", "x509"),
        ("auth.store.kind", "file"),
        ("auth.store.path", "/k.pem"),
    ]
}

#[test]
fn the_tag_chooses_the_variant() {
    let server = parse(&file_store());

    let store = Store::File {
        path: "/k.pem".to_owned(),
    };
    assert_eq!(server.auth, Auth::Certificate { user: None, store });
    assert_eq!(parse(&[("auth.type", "trust")]).auth, Auth::Trust);
    let codec = parse(&[("auth.type", "trust"), ("compression.codec", "zstd")]).codec;
    assert_eq!(codec, Codec::Zstd { level: 3 });
}

#[test]
fn only_keys_of_the_chosen_variant_are_demanded() {
    check_errors(
        &[],
        &[
            "Missing required configuration \"auth.user\" which has no default value.",
            "Missing required configuration \"auth.password\" which has no default value.",
        ],
    );
    check_errors(
        &[("auth.type", "x509")],
        &["Missing required configuration \"auth.store.kind\" which has no default value."],
    );
    parse(&[("auth.type", "trust"), ("auth.tries", "many")]);
}

#[test]
fn a_faulty_tag_is_the_only_mistake() {
    check_errors(
        &[("auth.type", "pasword"), ("auth.tries", "x")],
        &[
            "Invalid value pasword for configuration auth.type: String must be one of: trust, \
           password, x509",
        ],
    );
}

#[test]
fn rules_over_several_keys_name_the_key_that_was_written() {
    check_errors(
        &[("auth.user", "nobody"), ("auth.password", "x")],
        &["Invalid configuration auth.user: nobody cannot log in"],
    );
}

#[test]
fn what_was_read_can_be_written() {
    let mut entries = file_store();
    entries.extend([("auth.user", "me"), ("compression.codec", "zstd")]);
    let server = parse(&entries);

    let mut written = Props::new();
    server.write(&mut written);

    assert_eq!(Server::parse(&written), Ok(server));
    assert_eq!(written.get("compression.level"), Some("3"));
    assert!(!written.contains_key("auth.password"));
}

#[test]
fn clients_see_the_keys_of_the_chosen_variant() {
    let visible = |tag: &str| {
        let props = Props::from_iter([("auth.type", tag)]);
        let infos = Server::validate(&props).into_iter();
        let shown = infos.filter(|it| it.visible && it.name.starts_with("auth."));
        shown.map(|it| it.name).collect::<Vec<_>>()
    };

    assert_eq!(visible("trust"), ["auth.type"]);
    let password = ["auth.type", "auth.user", "auth.password", "auth.tries"];
    assert_eq!(visible("password"), password);
    let certificate = [
        "auth.type",
        "auth.user",
        "auth.store.kind",
        "auth.store.path",
    ];
    assert_eq!(visible("x509"), certificate);
    assert_eq!(visible("x").len(), 6, "nobody knows which keys matter");
}

#[test]
fn every_key_is_reported_once() {
    let props = Props::from_iter([("auth.type", "x509"), ("auth.tries", "x")]);
    let infos = Server::validate(&props);

    let mut names: Vec<_> = infos.iter().map(|it| it.name.as_str()).collect();
    names.sort_unstable();
    let mut published: Vec<_> = Server::definition()
        .keys()
        .iter()
        .map(|it| &*it.name)
        .collect();
    published.sort_unstable();
    assert_eq!(names, published);
    let tries = infos.iter().find(|it| it.name == "auth.tries").unwrap();
    assert!(!tries.visible && tries.errors.is_empty());
}

#[test]
fn conditions_are_published() {
    let definition = Server::definition();
    let tag = definition.key("auth.type").unwrap();
    let applies = |key: &str| {
        let conditions = definition.details(key).unwrap().applies_if.iter();
        let texts = conditions.map(|it| format!("{}={}", it.key, it.values.join("|")));
        texts.collect::<Vec<_>>()
    };

    assert_eq!(tag.default, DefaultValue::Text("password".into()));
    assert_eq!(tag.valid_values.as_deref(), Some("[trust, password, x509]"));
    assert_eq!(
        tag.dependents,
        [
            "auth.user",
            "auth.password",
            "auth.tries",
            "auth.store.kind"
        ]
    );
    let choices = definition.details("auth.type").unwrap().choices;
    assert_eq!(choices[1].documentation, "A user name and a password.");
    assert_eq!(applies("auth.type"), [""; 0]);
    assert_eq!(applies("auth.tries"), ["auth.type=password"]);
    assert_eq!(applies("auth.user"), ["auth.type=password|x509"]);
    assert_eq!(
        applies("auth.store.path"),
        ["auth.type=x509", "auth.store.kind=file"]
    );
}
