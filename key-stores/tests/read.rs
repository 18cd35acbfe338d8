//! Stores that Java's `keytool` has made: `server.*` has one key in three forms. They open with `storepass`, and keys
//! that have a password of their own with `keypass`.

use std::path::{Path, PathBuf};

use key_stores::{StoreError, Stored, read};

fn store(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/stores")
        .join(name)
}

fn opened(name: &str, kind: &str) -> Stored {
    let password = (kind != "PEM").then_some("storepass");
    read(&store(name), kind, password, Some("keypass")).expect("the passwords open all stores")
}

#[test]
fn a_key_is_the_same_in_every_form() {
    let forms = [
        ("server.jks", "JKS"),
        ("server.p12", "PKCS12"),
        ("server.pem", "PEM"),
        // What a file is called does not count.
        ("server.p12", "JKS"),
        ("server.jks", "PKCS12"),
    ];

    let identities = forms.map(|(name, kind)| opened(name, kind).identity.unwrap());

    for other in &identities[1..] {
        assert_eq!(other.chain, identities[0].chain);
        assert_eq!(other.key, identities[0].key);
    }
}

#[test]
fn certificates_without_a_key_are_trusted() {
    let server = opened("server.p12", "PKCS12");
    for (name, kind) in [
        ("trust.jks", "JKS"),
        ("trust.p12", "PKCS12"),
        ("trust.pem", "PEM"),
    ] {
        let stored = opened(name, kind);

        assert!(stored.identity.is_none());
        assert_eq!(stored.trusted, server.all_trusted(), "{name}");
    }
}

#[test]
fn passwords_that_do_not_open_are_told_apart() {
    for name in ["server.jks", "server.p12"] {
        let error = read(&store(name), "JKS", Some("wrong"), None).unwrap_err();
        assert!(matches!(error, StoreError::Password), "{name}: {error}");
    }
    let error = read(
        &store("server.jks"),
        "JKS",
        Some("storepass"),
        Some("wrong"),
    )
    .unwrap_err();
    assert!(matches!(error, StoreError::KeyPassword), "{error}");
}
