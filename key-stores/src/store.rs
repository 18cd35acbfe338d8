//! Stores: files of keys and certificates.

use std::path::Path;
use std::{fmt, io};

use p12_keystore::error::Error as Pkcs12Error;
use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12ImportPolicy};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::{curve, jks, pem};

/// A private key and the certificates that vouch for it.
pub struct Identity {
    /// The certificates, the key's own first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The key.
    pub key: PrivateKeyDer<'static>,
}

impl Identity {
    /// The same with a key on an elliptic curve that names its public half, as rustls wants it and Java does not write it.
    #[must_use]
    pub fn with_public_half(self) -> Self {
        let key = curve::completed(self.key, self.chain.first());
        Self { key, ..self }
    }
}

impl fmt::Debug for Identity {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}

/// What is in a store.
#[derive(Debug, Default)]
pub struct Stored {
    /// The first key of the store.
    pub identity: Option<Identity>,
    /// Certificates without a key.
    pub trusted: Vec<CertificateDer<'static>>,
}

impl Stored {
    /// Whoever the store vouches for; as in the reference, the owner of a key is trusted, too.
    #[must_use]
    pub fn all_trusted(&self) -> Vec<CertificateDer<'static>> {
        let own = self.identity.iter().filter_map(|it| it.chain.first());
        self.trusted.iter().chain(own).cloned().collect()
    }
}

/// Names of the settings that describe a store.
#[derive(Clone, Copy, Debug)]
pub struct StoreKeys {
    /// Where the file is.
    pub location: &'static str,
    /// What opens the store.
    pub password: &'static str,
    /// What opens the key in it.
    pub key_password: &'static str,
    /// Of which type it is.
    pub kind: &'static str,
}

/// A store is of no use.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// The file is not what it should be.
    #[error("{0}")]
    Malformed(String),
    /// The password of the store is another one.
    #[error("the password does not open the store")]
    Password,
    /// The password of the key is another one.
    #[error("the password does not open the key")]
    KeyPassword,
    /// There is no such type of stores.
    #[error("`{0}` is not a type of stores; there are JKS, PKCS12 and PEM")]
    Kind(String),
}

impl StoreError {
    /// Which setting is to blame.
    #[must_use]
    pub fn key(&self, keys: &StoreKeys) -> &'static str {
        match self {
            Self::Unreadable(_) | Self::Malformed(_) => keys.location,
            Self::Password => keys.password,
            Self::KeyPassword => keys.key_password,
            Self::Kind(_) => keys.kind,
        }
    }
}

/// Reads a store. What a file is called does not count where its content tells JKS from PKCS12: the
/// reference takes one for the other as well.
///
/// # Errors
/// The file cannot be read, is not a store, or does not open with the passwords.
pub fn read(
    location: &Path,
    kind: &str,
    password: Option<&str>,
    key_password: Option<&str>,
) -> Result<Stored, StoreError> {
    let bytes = std::fs::read(location)?;
    match kind.to_ascii_uppercase().as_str() {
        "PEM" => from_pem(&bytes, key_password),
        "JKS" | "PKCS12" if bytes.starts_with(&jks::MAGIC) => {
            jks::read(&bytes, password, key_password)
        }
        "JKS" | "PKCS12" => from_pkcs12(&bytes, password),
        _ => Err(StoreError::Kind(kind.to_owned())),
    }
}

fn from_pem(bytes: &[u8], key_password: Option<&str>) -> Result<Stored, StoreError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| StoreError::Malformed("the file is not PEM text".to_owned()))?;
    let certificates = pem::certificates(text).map_err(StoreError::Malformed)?;
    let key = pem::private_key(text, key_password).map_err(StoreError::Malformed)?;
    Ok(match key {
        Some(key) => Stored {
            identity: Some(Identity {
                chain: certificates,
                key,
            }),
            trusted: Vec::new(),
        },
        None => Stored {
            identity: None,
            trusted: certificates,
        },
    })
}

fn from_pkcs12(bytes: &[u8], password: Option<&str>) -> Result<Stored, StoreError> {
    let password = password.unwrap_or_default();
    let store = KeyStore::from_pkcs12(bytes, password, Pkcs12ImportPolicy::Relaxed);
    let store = store.map_err(|error| match error {
        Pkcs12Error::MacError(_) => StoreError::Password,
        other => StoreError::Malformed(format!("the file is not a PKCS12 store: {other}")),
    })?;
    let mut stored = Stored::default();
    for (_, entry) in store.entries() {
        match entry {
            KeyStoreEntry::PrivateKeyChain(chain) if stored.identity.is_none() => {
                let key = PrivatePkcs8KeyDer::from(chain.key().as_der().to_vec());
                let certificates = chain.certs().iter();
                stored.identity = Some(Identity {
                    chain: certificates.map(certificate).collect(),
                    key: key.into(),
                });
            }
            KeyStoreEntry::Certificate(trusted) => stored.trusted.push(certificate(trusted)),
            KeyStoreEntry::PrivateKeyChain(_) | KeyStoreEntry::Secret(_) => {}
        }
    }
    Ok(stored)
}

fn certificate(certificate: &p12_keystore::Certificate) -> CertificateDer<'static> {
    CertificateDer::from(certificate.as_der().to_vec())
}
