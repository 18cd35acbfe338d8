//! What encrypted connections need besides settings: certificates and keys out of stores, as the engine takes them.
//!
//! The engine reads neither JKS nor what keytool calls a trust store, so stores are read here and handed over as text.

use key_stores::{CertificateDer, Identity, StoreKeys, Stored, pem};

use crate::{
    error::{KafkaError, Result},
    settings::{Source, Stores},
};

/// Names of the keys that describe certificates, in a store or as text.
struct Keys {
    certificates: &'static str,
    store: StoreKeys,
}

const TRUSTED: Keys = Keys {
    certificates: "ssl.truststore.certificates",
    store: StoreKeys {
        location: "ssl.truststore.location",
        password: "ssl.truststore.password",
        key_password: KEY_PASSWORD,
        kind: "ssl.truststore.type",
    },
};
const OWN: Keys = Keys {
    certificates: "ssl.keystore.certificate.chain",
    store: StoreKeys {
        location: "ssl.keystore.location",
        password: "ssl.keystore.password",
        key_password: KEY_PASSWORD,
        kind: "ssl.keystore.type",
    },
};
const KEY: &str = "ssl.keystore.key";
const KEY_PASSWORD: &str = "ssl.key.password";

/// What stores hold for connections.
pub(crate) struct Certificates {
    /// Whom to trust; `None` when no store says so.
    pub(crate) trusted: Option<Vec<CertificateDer<'static>>>,
    pub(crate) own: Option<Identity>,
}

/// Reads stores. Blocks for as long as files take.
///
/// # Errors
/// A store that cannot be used, under the name of the setting that is to blame.
pub(crate) fn certificates(stores: &Stores) -> Result<Certificates> {
    let mut certificates = Certificates {
        trusted: None,
        own: None,
    };
    if let Some(source) = &stores.trusted {
        let trusted = open(source, &TRUSTED, None)?.all_trusted();
        if trusted.is_empty() {
            return Err(blame(
                TRUSTED.store.location,
                "there is no certificate in it",
            ));
        }
        certificates.trusted = Some(trusted);
    }
    if let Some(source) = &stores.own {
        let own = open(source, &OWN, stores.key_password.as_deref())?;
        let Some(identity) = own.identity else {
            return Err(blame(OWN.store.location, "there is no private key in it"));
        };
        certificates.own = Some(identity);
    }
    Ok(certificates)
}

/// Reads stores: the engine's settings for what is in them. Blocks for as long as files take.
///
/// # Errors
/// A store that cannot be used, under the name of the setting that is to blame.
pub(crate) fn read(stores: &Stores) -> Result<Vec<(&'static str, String)>> {
    let Certificates { trusted, own } = certificates(stores)?;
    let mut settings = Vec::new();
    if let Some(trusted) = trusted {
        settings.push(("ssl.ca.pem", pem::of_certificates(&trusted)));
    }
    if let Some(Identity { chain, key }) = own {
        settings.push(("ssl.certificate.pem", pem::of_certificates(&chain)));
        settings.push(("ssl.key.pem", pem::of_private_key(&key).to_string()));
    }
    Ok(settings)
}

fn open(source: &Source, keys: &Keys, key_password: Option<&str>) -> Result<Stored> {
    match source {
        Source::File {
            path,
            kind,
            password,
        } => {
            let stored = key_stores::read(path, kind, password.as_deref(), key_password);
            stored.map_err(|error| {
                let key = error.key(&keys.store);
                blame(key, format_args!("{}: {error}", path.display()))
            })
        }
        Source::Text {
            certificates,
            key: None,
        } => Ok(Stored {
            identity: None,
            trusted: read_certificates(certificates, keys)?,
        }),
        Source::Text {
            certificates,
            key: Some(key),
        } => {
            let chain = read_certificates(certificates, keys)?;
            let key = pem::private_key(key, key_password).map_err(|it| blame(KEY, it))?;
            let key = key.ok_or_else(|| blame(KEY, "there is no private key in it"))?;
            Ok(Stored {
                identity: Some(Identity { chain, key }),
                trusted: Vec::new(),
            })
        }
    }
}

fn read_certificates(text: &str, keys: &Keys) -> Result<Vec<CertificateDer<'static>>> {
    pem::certificates(text).map_err(|problem| blame(keys.certificates, problem))
}

fn blame(key: &str, problem: impl std::fmt::Display) -> KafkaError {
    KafkaError::config(format!("{key}: {problem}"))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn store(name: &str) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../key-stores/tests/stores")
            .join(name)
    }

    fn file(name: &str, kind: &str, password: Option<&str>) -> Option<Source> {
        Some(Source::File {
            path: store(name),
            kind: kind.to_owned(),
            password: password.map(str::to_owned),
        })
    }

    #[track_caller]
    fn check(stores: &Stores, expected: &[&str]) {
        let settings = read(stores).unwrap();
        let found: Vec<_> = settings.iter().map(|it| it.0).collect();
        assert_eq!(found, expected);
        assert!(settings.iter().all(|it| it.1.starts_with("-----BEGIN ")));
    }

    #[track_caller]
    fn check_refused(stores: &Stores, start: &str, end: &str) {
        let error = read(stores).unwrap_err().to_string();
        assert!(error.starts_with(start) && error.ends_with(end), "{error}");
    }

    #[test]
    fn stores_of_all_types_become_text() {
        for (name, kind, password) in [
            ("trust.jks", "JKS", Some("storepass")),
            ("trust.p12", "PKCS12", Some("storepass")),
            ("trust.p12", "JKS", Some("storepass")),
            ("trust.pem", "PEM", None),
        ] {
            let trusted = file(name, kind, password);
            let stores = Stores {
                trusted,
                ..Stores::default()
            };
            check(&stores, &["ssl.ca.pem"]);
        }
        for (name, kind, password) in [
            ("server.jks", "JKS", Some("storepass")),
            ("server.p12", "PKCS12", Some("storepass")),
            ("server.pem", "PEM", None),
        ] {
            let stores = Stores {
                own: file(name, kind, password),
                key_password: Some("keypass".to_owned()),
                ..Stores::default()
            };
            check(&stores, &["ssl.certificate.pem", "ssl.key.pem"]);
        }
    }

    #[test]
    fn a_store_of_no_use_is_refused_under_its_setting() {
        let trusted = |name: &str, kind: &str, password: &str| Stores {
            trusted: file(name, kind, Some(password)),
            ..Stores::default()
        };
        check_refused(
            &trusted("none.jks", "JKS", "storepass"),
            "ssl.truststore.location: ",
            "none.jks: No such file or directory (os error 2)",
        );
        check_refused(
            &trusted("trust.jks", "JKS", "another"),
            "ssl.truststore.password: ",
            "the password does not open the store",
        );
        check_refused(
            &trusted("trust.jks", "BKS", "storepass"),
            "ssl.truststore.type: ",
            "`BKS` is not a type of stores; there are JKS, PKCS12 and PEM",
        );
        let without_key = Stores {
            own: file("trust.p12", "PKCS12", Some("storepass")),
            ..Stores::default()
        };
        check_refused(
            &without_key,
            "ssl.keystore.location: ",
            "there is no private key in it",
        );
    }
}
