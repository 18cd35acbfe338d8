//! Structs of keys below a key.

use connect_core::config::{ConfigBlock as _, ConnectorConfig as _};
use connect_core::prelude::*;

/// Reads from a server.
#[derive(Debug, ConnectorConfig)]
struct Server {
    /// Host name of the server.
    host: String,
    #[config(nested)]
    auth: Auth,
    #[config(nested, key = "pool.limits")]
    limits: Limits,
}

/// How to log in.
#[derive(Debug, ConnectorConfig)]
#[config(check = Auth::check)]
struct Auth {
    /// Name of the user.
    #[config(alias("login"))]
    user: String,
    /// Password of the user.
    #[config(required_if(strict = true))]
    password: Option<Secret>,
    /// Whether a password must be given.
    #[config(default = false)]
    strict: bool,
    #[config(nested)]
    retry: Limits,
}

/// How much there may be.
#[derive(Debug, ConnectorConfig)]
struct Limits {
    /// Most of it.
    #[config(default = 3, range = 1..=9)]
    max: u16,
    /// Settings for later.
    #[config(rest(prefix = "more."))]
    more: Props,
}

impl Auth {
    fn check(&self, errors: &mut ConfigErrors) {
        if self.user == "nobody" {
            errors.add("user", "nobody cannot log in");
        }
    }
}

#[track_caller]
fn check_errors(entries: &[(&str, &str)], expected: &str) {
    let props = Props::from_iter(entries.iter().copied());
    let errors = Server::parse(&props).expect_err("the configuration has mistakes");

    assert_eq!(errors.to_string(), expected);
}

#[test]
fn keys_are_below_that_of_the_field() {
    let props = Props::from_iter([
        ("host", "a"),
        ("auth.login", "me"),
        ("auth.retry.max", "5"),
        ("pool.limits.max", "7"),
        ("pool.limits.more.x", "y"),
    ]);

    let server = Server::parse(&props).unwrap();

    assert_eq!(server.auth.user, "me");
    assert_eq!(server.auth.retry.max, 5);
    assert_eq!(server.limits.max, 7);
    assert_eq!(server.limits.more.get("x"), Some("y"));
    let mut written = Props::new();
    server.write(&mut written);
    assert_eq!(written.get("auth.retry.max"), Some("5"));
    assert_eq!(written.get("pool.limits.more.x"), Some("y"));
}

#[test]
fn mistakes_name_the_key_that_was_written() {
    check_errors(
        &[
            ("host", "a"),
            ("auth.strict", "true"),
            ("auth.retry.max", "0"),
        ],
        "auth.user: Missing required configuration \"auth.user\" which has no default value.\n\
         auth.password: Missing required configuration \"auth.password\" which has no default \
         value.\n\
         auth.retry.max: Invalid value 0 for configuration auth.retry.max: Value must be at least \
         1",
    );
    check_errors(
        &[("host", "a"), ("auth.user", "nobody")],
        "auth.user: Invalid configuration auth.user: nobody cannot log in",
    );
}

#[test]
fn full_names_are_published() {
    let definition = Server::definition();

    let names: Vec<_> = definition
        .keys()
        .iter()
        .map(|it| &*it.display_name)
        .collect();
    assert_eq!(
        names,
        [
            "host",
            "auth.user",
            "auth.password",
            "auth.strict",
            "auth.retry.max",
            "pool.limits.max"
        ]
    );
    assert_eq!(
        definition.key("auth.strict").unwrap().dependents,
        ["auth.password"]
    );
    let password = definition.details("auth.password").unwrap();
    assert_eq!(password.required_if.as_ref().unwrap().key, "auth.strict");
    let user = definition.details("auth.user").unwrap();
    assert_eq!(user.aliases[0].name, "auth.login");
    assert_eq!(definition.pass_through()[1].prefix, "pool.limits.more.");
}
