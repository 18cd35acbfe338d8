//! TLS of listeners: certificates and keys of the worker, and which clients it trusts.

use std::sync::Arc;

use connect_core::config::Secret;
use key_stores::{Identity, StoreKeys, Stored, pem};
use rustls::crypto::CryptoProvider;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::CertificateDer;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::server::SetupError;
use crate::config::worker::keys::{
    CIPHER_SUITES, CLIENT_AUTH, ENABLED_PROTOCOLS, KEY_PASSWORD, KEYSTORE_CHAIN, KEYSTORE_KEY,
    KEYSTORE_LOCATION, KEYSTORE_PASSWORD, KEYSTORE_TYPE, TRUSTSTORE_CERTIFICATES,
    TRUSTSTORE_LOCATION, TRUSTSTORE_PASSWORD, TRUSTSTORE_TYPE,
};
use crate::config::worker::{ClientAuth, StoreSettings, TlsSettings};

const KEYSTORE: StoreKeys = StoreKeys {
    location: KEYSTORE_LOCATION,
    password: KEYSTORE_PASSWORD,
    key_password: KEY_PASSWORD,
    kind: KEYSTORE_TYPE,
};
const TRUSTSTORE: StoreKeys = StoreKeys {
    location: TRUSTSTORE_LOCATION,
    password: TRUSTSTORE_PASSWORD,
    key_password: KEY_PASSWORD,
    kind: TRUSTSTORE_TYPE,
};

/// What makes connections to a listener secure.
///
/// # Errors
/// When a key or certificate cannot be had, under the name of the setting that is to blame.
pub(super) fn acceptor(settings: &TlsSettings) -> Result<TlsAcceptor, SetupError> {
    let blame = |key: &str, problem: String| SetupError::Setting {
        key: settings.key(key).into(),
        problem,
    };
    let provider =
        Arc::new(provider(&settings.cipher_suites).map_err(|it| blame(CIPHER_SUITES, it))?);
    let versions = versions(&settings.protocols).map_err(|it| blame(ENABLED_PROTOCOLS, it))?;
    let own = own_store(settings)?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions)
        .map_err(|error| blame(ENABLED_PROTOCOLS, error.to_string()))?;
    let builder = match client_verifier(settings, &own, &provider)? {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let Some(identity) = own.identity else {
        return Err(blame(
            KEYSTORE_LOCATION,
            "there is no private key in it".to_owned(),
        ));
    };
    let Identity { chain, key } = identity.with_public_half();
    let mut config = builder.with_single_cert(chain, key).map_err(|error| {
        blame(
            KEYSTORE_LOCATION,
            format!("key and certificate are of no use: {error}"),
        )
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// What makes connections to other workers secure: they have the listeners' settings.
///
/// # Errors
/// As for [`acceptor`].
pub(super) fn connector(settings: &TlsSettings) -> Result<TlsConnector, SetupError> {
    let blame = |key: &str, problem: String| SetupError::Setting {
        key: settings.key(key).into(),
        problem,
    };
    let provider =
        Arc::new(provider(&settings.cipher_suites).map_err(|it| blame(CIPHER_SUITES, it))?);
    let versions = versions(&settings.protocols).map_err(|it| blame(ENABLED_PROTOCOLS, it))?;
    let own = own_store(settings)?;
    let (key, trusted) = trusted(settings, &own)?;
    let roots = roots(trusted).map_err(|problem| blame(key, problem))?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions)
        .map_err(|error| blame(ENABLED_PROTOCOLS, error.to_string()))?
        .with_root_certificates(roots);
    let config = match own.identity {
        Some(identity) => {
            let Identity { chain, key } = identity.with_public_half();
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| blame(KEYSTORE_LOCATION, error.to_string()))?
        }
        None => builder.with_no_client_auth(),
    };
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The worker's own certificates with their key.
fn own_store(settings: &TlsSettings) -> Result<Stored, SetupError> {
    let blame = |key: &str, problem: String| SetupError::Setting {
        key: settings.key(key).into(),
        problem,
    };
    if let (Some(key), Some(chain)) = (&settings.inline_key, &settings.inline_chain) {
        let chain = pem::certificates(chain.expose()).map_err(|it| blame(KEYSTORE_CHAIN, it))?;
        let key = pem::private_key(
            key.expose(),
            settings.key_password.as_ref().map(Secret::expose),
        )
        .map_err(|it| blame(KEYSTORE_KEY, it))?;
        let key =
            key.ok_or_else(|| blame(KEYSTORE_KEY, "there is no private key in it".to_owned()))?;
        return Ok(Stored {
            identity: Some(Identity { chain, key }),
            trusted: Vec::new(),
        });
    }
    match read(settings, &settings.keystore, &KEYSTORE)? {
        Some(stored) => Ok(stored),
        None => Err(blame(
            KEYSTORE_LOCATION,
            "an https listener needs a certificate with its key".to_owned(),
        )),
    }
}

/// The store that some settings name, if they name any.
fn read(
    settings: &TlsSettings,
    store: &StoreSettings,
    keys: &StoreKeys,
) -> Result<Option<Stored>, SetupError> {
    let Some(location) = &store.location else {
        return Ok(None);
    };
    let stored = key_stores::read(
        location,
        &store.kind,
        store.password.as_ref().map(Secret::expose),
        settings.key_password.as_ref().map(Secret::expose),
    );
    stored.map(Some).map_err(|error| SetupError::Setting {
        key: settings.key(error.key(keys)).into(),
        problem: format!("{}: {error}", location.display()),
    })
}

/// Who checks the certificates of clients, if anybody does.
fn client_verifier(
    settings: &TlsSettings,
    own: &Stored,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<dyn ClientCertVerifier>>, SetupError> {
    if settings.client_auth == ClientAuth::None {
        return Ok(None);
    }
    let blame = |key: &str, problem: String| SetupError::Setting {
        key: settings.key(key).into(),
        problem,
    };
    let (key, trusted) = trusted(settings, own)?;
    let roots = roots(trusted).map_err(|problem| blame(key, problem))?;
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    let verifier = match settings.client_auth {
        ClientAuth::Requested => verifier.allow_unauthenticated(),
        ClientAuth::Required | ClientAuth::None => verifier,
    };
    let verifier = verifier.build();
    verifier
        .map(|it| Some(it as Arc<dyn ClientCertVerifier>))
        .map_err(|error| blame(CLIENT_AUTH, error.to_string()))
}

/// Certificates that are trusted, and the key that names them.
fn trusted(
    settings: &TlsSettings,
    own: &Stored,
) -> Result<(&'static str, Vec<CertificateDer<'static>>), SetupError> {
    if let Some(pem) = &settings.inline_certificates {
        let certificates = pem::certificates(pem.expose());
        let certificates = certificates.map_err(|problem| SetupError::Setting {
            key: settings.key(TRUSTSTORE_CERTIFICATES).into(),
            problem,
        })?;
        return Ok((TRUSTSTORE_CERTIFICATES, certificates));
    }
    Ok(match read(settings, &settings.truststore, &TRUSTSTORE)? {
        Some(stored) => (TRUSTSTORE_LOCATION, stored.all_trusted()),
        // As in the reference, whoever is trusted is in the worker's own store then.
        None => (KEYSTORE_LOCATION, own.all_trusted()),
    })
}

fn roots(trusted: Vec<CertificateDer<'static>>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in trusted {
        roots
            .add(certificate)
            .map_err(|error| format!("a trusted certificate is of no use: {error}"))?;
    }
    match roots.is_empty() {
        true => Err("there is no trusted certificate in it".to_owned()),
        false => Ok(roots),
    }
}

/// The versions of these names. Some that are too old to be spoken are named in many files.
fn versions(names: &[String]) -> Result<Vec<&'static SupportedProtocolVersion>, String> {
    if names.is_empty() {
        return Ok(vec![&TLS13, &TLS12]);
    }
    let mut versions = Vec::new();
    for name in names {
        match name.as_str() {
            "TLSv1.3" => versions.push(&TLS13),
            "TLSv1.2" => versions.push(&TLS12),
            _ => tracing::warn!(
                key = ENABLED_PROTOCOLS,
                protocol = name,
                "protocol is not spoken"
            ),
        }
    }
    match versions.is_empty() {
        true => Err(format!(
            "only TLSv1.2 and TLSv1.3 are spoken, and not {}",
            names.join(", ")
        )),
        false => Ok(versions),
    }
}

/// Cryptography with the cipher suites of these names.
fn provider(names: &[String]) -> Result<CryptoProvider, String> {
    let mut provider = rustls::crypto::ring::default_provider();
    if names.is_empty() {
        return Ok(provider);
    }
    provider
        .cipher_suites
        .retain(|it| names.contains(&java_name(&format!("{:?}", it.suite()))));
    match provider.cipher_suites.is_empty() {
        true => Err(format!("none of {} is known", names.join(", "))),
        false => Ok(provider),
    }
}

/// Java leaves the version out of the names of suites.
fn java_name(suite: &str) -> String {
    suite.replacen("TLS13_", "TLS_", 1)
}
