//! TLS of listeners: the keys `ssl.*` below a prefix of the listeners' own, or else the worker's.

use std::path::PathBuf;

use connect_core::config::{ConfigErrors, Props, Secret};
use connect_core::registry::PluginRegistry;

use super::keys;
use crate::config::definition::Definition;

/// How listeners speak TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// What stands before each key in the worker's file, for messages.
    pub prefix: &'static str,
    /// Who the worker is: certificates with their key.
    pub keystore: StoreSettings,
    /// `ssl.key.password`: opens the key within the store.
    pub key_password: Option<Secret>,
    /// `ssl.keystore.key` and `ssl.keystore.certificate.chain`: the same as PEM text.
    pub inline_key: Option<Secret>,
    /// See [`inline_key`](Self::inline_key).
    pub inline_chain: Option<Secret>,
    /// Whose clients are trusted.
    pub truststore: StoreSettings,
    /// `ssl.truststore.certificates`: the same as PEM text.
    pub inline_certificates: Option<Secret>,
    /// `ssl.enabled.protocols`; empty is all that there are.
    pub protocols: Vec<String>,
    /// `ssl.cipher.suites`; empty is all that there are.
    pub cipher_suites: Vec<String>,
    /// Whether clients show a certificate.
    pub client_auth: ClientAuth,
}

/// A file of keys or certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSettings {
    /// Where it is.
    pub location: Option<PathBuf>,
    /// What opens it.
    pub password: Option<Secret>,
    /// `JKS`, `PKCS12` or `PEM`, as it was written.
    pub kind: String,
}

/// Whether clients show a certificate: `ssl.client.auth`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuth {
    /// They are not asked.
    #[default]
    None,
    /// They are asked; one that is shown has to be trusted.
    Requested,
    /// Without a trusted one there is no connection.
    Required,
}

impl TlsSettings {
    /// Reads the keys below `prefix`; without any of them the worker's own count.
    ///
    /// # Errors
    /// The first mistake of every key.
    pub(super) fn parse(
        prefix: &'static str,
        originals: &Props,
        plugins: &PluginRegistry,
    ) -> Result<Self, ConfigErrors> {
        let prefixed = originals.with_prefix_stripped(prefix);
        let (prefix, props) = match prefixed.is_empty() {
            true => ("", originals),
            false => (prefix, &prefixed),
        };
        let definition: Definition = keys::tls()
            .into_iter()
            .chain([keys::client_auth()])
            .collect();
        let values = definition.parse(props, plugins).map_err(|errors| {
            let mut named = ConfigErrors::default();
            for (key, message) in errors.iter() {
                named.push(format!("{prefix}{key}"), message);
            }
            named
        })?;
        let secret = |key| {
            let text = props.get(key)?;
            Some(Secret::new(text.trim_matches(|it| it <= ' ')))
        };
        let text = |key| values.text(key).unwrap_or_default().to_owned();
        let list = |key| values.list(key).unwrap_or_default().to_vec();
        let store = |location, password, kind| StoreSettings {
            location: values.text(location).map(PathBuf::from),
            password: secret(password),
            kind: text(kind),
        };
        Ok(Self {
            prefix,
            keystore: store(
                keys::KEYSTORE_LOCATION,
                keys::KEYSTORE_PASSWORD,
                keys::KEYSTORE_TYPE,
            ),
            key_password: secret(keys::KEY_PASSWORD),
            inline_key: secret(keys::KEYSTORE_KEY),
            inline_chain: secret(keys::KEYSTORE_CHAIN),
            truststore: store(
                keys::TRUSTSTORE_LOCATION,
                keys::TRUSTSTORE_PASSWORD,
                keys::TRUSTSTORE_TYPE,
            ),
            inline_certificates: secret(keys::TRUSTSTORE_CERTIFICATES),
            protocols: list(keys::ENABLED_PROTOCOLS),
            cipher_suites: list(keys::CIPHER_SUITES),
            client_auth: match text(keys::CLIENT_AUTH).as_str() {
                "required" => ClientAuth::Required,
                "requested" => ClientAuth::Requested,
                _ => ClientAuth::None,
            },
        })
    }

    /// The whole name of a key of these settings.
    #[must_use]
    pub fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}
