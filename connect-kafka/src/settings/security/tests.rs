//! Encryption and credentials as Java's clients have them, in the engine's words.

use super::*;
use crate::settings::{
    ADMIN, CONSUMER, ClientSettings, Translated, Untranslated, rule::Roles, translate,
};

const BOOTSTRAP: (&str, &str) = ("bootstrap.servers", "localhost:9092");
const PLAIN: &str = "org.apache.kafka.common.security.plain.PlainLoginModule required \
                     username=\"alice\" password=\"hunter2\";";

fn translated(role: Roles, given: &[(&str, &str)]) -> Result<Translated> {
    let settings: ClientSettings = given.iter().copied().chain([BOOTSTRAP]).collect();
    translate(&settings, role)
}

#[track_caller]
fn check(given: &[(&str, &str)], expected: &[(&str, &str)]) -> Translated {
    let translated = translated(ADMIN, given).unwrap();
    let mut found: Vec<(&str, &str)> = translated
        .engine
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    found.retain(|(key, _)| {
        ["sasl.", "ssl.", "security."]
            .iter()
            .any(|it| key.starts_with(it))
    });
    assert_eq!(found, expected);
    translated
}

#[track_caller]
fn check_refused(given: &[(&str, &str)], expected: &str) {
    let error = translated(ADMIN, given).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn credentials_are_read_out_of_the_login_module() {
    let given = [
        ("sasl.jaas.config", PLAIN),
        ("sasl.mechanism", "PLAIN"),
        ("security.protocol", "SASL_PLAINTEXT"),
    ];
    let expected = [
        ("sasl.mechanism", "PLAIN"),
        ("sasl.password", "hunter2"),
        ("sasl.username", "alice"),
        ("security.protocol", "sasl_plaintext"),
    ];
    let translated = check(&given, &expected);
    assert_eq!(translated.untranslated, []);
}

#[test]
fn logging_in_that_cannot_work_is_refused() {
    let refused = |mechanism: &str, login: &str, expected: &str| {
        let given = [
            ("sasl.jaas.config", login),
            ("sasl.mechanism", mechanism),
            ("security.protocol", "SASL_PLAINTEXT"),
        ];
        check_refused(&given, expected);
    };
    refused(
        "OAUTHBEARER",
        PLAIN,
        "Invalid value OAUTHBEARER for configuration sasl.mechanism: tokens cannot be retrieved",
    );
    refused(
        "plain",
        PLAIN,
        "Invalid value plain for configuration sasl.mechanism: there is no such mechanism",
    );
    refused(
        "PLAIN",
        "a.b.PlainLoginModule required username=alice;",
        "sasl.jaas.config: PLAIN needs a login module with a username and a password",
    );
    refused(
        "PLAIN",
        "com.example.LoginModule required;",
        "sasl.jaas.config: only PlainLoginModule, ScramLoginModule and Krb5LoginModule are known",
    );
    refused(
        "PLAIN",
        "a.b.ScramLoginModule required username=a password=b tokenauth=true;",
        "sasl.jaas.config: delegation tokens are not supported",
    );
}

#[cfg(not(feature = "kerberos"))]
#[test]
fn kerberos_is_javas_default_and_refused_where_it_is_not_built_in() {
    check_refused(
        &[("security.protocol", "SASL_PLAINTEXT")],
        "Invalid value GSSAPI for configuration sasl.mechanism: \
         this build has no Kerberos; build it with the feature `kerberos`",
    );
}

#[test]
fn what_an_open_connection_does_not_need_is_reported_and_not_given_to_the_engine() {
    let given = [
        ("sasl.jaas.config", PLAIN),
        ("sasl.mechanism", "PLAIN"),
        ("ssl.truststore.location", "/ca.jks"),
    ];

    let translated = check(&given, &[]);

    let reported = |it: &Untranslated| format!("{}: {}", it.key, it.reason);
    let reported: Vec<String> = translated.untranslated.iter().map(reported).collect();
    let expected = [
        "sasl.jaas.config: security.protocol is PLAINTEXT, so nobody logs in",
        "ssl.truststore.location: security.protocol is PLAINTEXT, so connections are not encrypted",
    ];
    assert_eq!(reported, expected);
    assert_eq!(translated.stores, Stores::default());
}

#[test]
fn secrets_show_in_no_debug_output() {
    let given = [
        ("sasl.jaas.config", PLAIN),
        ("sasl.mechanism", "PLAIN"),
        ("security.protocol", "SASL_PLAINTEXT"),
        ("ssl.keystore.password", "hunter2"),
    ];
    let settings: ClientSettings = given.into_iter().chain([BOOTSTRAP]).collect();

    let translated = translate(&settings, CONSUMER).unwrap();
    let shown = format!("{settings:?} {translated:?} {:?}", translated.untranslated);

    assert!(shown.contains("ssl.keystore.password"));
    assert!(shown.contains("sasl.password"));
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[cfg(not(feature = "tls"))]
#[test]
fn tls_is_refused_where_it_is_not_built_in() {
    check_refused(
        &[("security.protocol", "SSL")],
        "Invalid value SSL for configuration security.protocol: \
         this build has no TLS; build it with the feature `tls`",
    );
}

#[cfg(feature = "tls")]
mod encrypted {
    use super::*;

    const SSL: (&str, &str) = ("security.protocol", "SSL");

    #[test]
    fn stores_are_for_whoever_makes_the_client() {
        let given = [
            SSL,
            ("ssl.endpoint.identification.algorithm", ""),
            ("ssl.key.password", "secret"),
            ("ssl.keystore.location", "/own.jks"),
            ("ssl.keystore.password", "own"),
            ("ssl.truststore.certificates", "-----BEGIN"),
            ("ssl.truststore.type", "PEM"),
        ];

        let translated = check(
            &given,
            &[
                ("security.protocol", "ssl"),
                ("ssl.endpoint.identification.algorithm", "none"),
            ],
        );

        let own = Source::File {
            path: PathBuf::from("/own.jks"),
            kind: "JKS".to_owned(),
            password: Some("own".to_owned()),
        };
        let trusted = Source::Text {
            certificates: "-----BEGIN".to_owned(),
            key: None,
        };
        let expected = Stores {
            trusted: Some(trusted),
            own: Some(own),
            key_password: Some("secret".to_owned()),
        };
        assert_eq!(translated.untranslated, []);
        assert_eq!(translated.stores, expected);
    }

    #[test]
    fn what_java_does_not_combine_is_refused_in_its_words() {
        let refused = |given: &[(&str, &str)], expected: &str| {
            check_refused(&[&[SSL], given].concat(), expected);
        };
        refused(
            &[("ssl.truststore.certificates", "x")],
            "SSL trust store certs can be specified only for PEM, but trust store type is JKS.",
        );
        refused(
            &[("ssl.truststore.password", "x")],
            "SSL trust store is not specified, but trust store password is specified.",
        );
        refused(
            &[
                ("ssl.truststore.location", "/x"),
                ("ssl.truststore.password", "x"),
                ("ssl.truststore.type", "PEM"),
            ],
            "SSL trust store password cannot be specified for PEM format.",
        );
        refused(
            &[("ssl.keystore.location", "/x")],
            "SSL key store is specified, but key store password is not specified.",
        );
        refused(
            &[("ssl.keystore.key", "x"), ("ssl.keystore.type", "PEM")],
            "SSL private key is specified, but certificate chain is not specified.",
        );
        refused(
            &[("ssl.keystore.certificate.chain", "x")],
            "SSL certificate chain is specified, but private key is not specified",
        );
        refused(
            &[
                ("ssl.keystore.location", "/x"),
                ("ssl.keystore.password", "x"),
                ("ssl.keystore.type", "PEM"),
            ],
            "SSL key store password cannot be specified with PEM format, only key password may be specified",
        );
    }
}
