//! Keys and certificates out of the files that Java uses: JKS, PKCS12 and PEM. Read only.
//!
//! Nothing here speaks TLS: whoever does takes the bytes, as they are (DER) or as text ([`pem`]).

pub use rustls_pki_types::CertificateDer;
pub use store::{Identity, StoreError, StoreKeys, Stored, read};

mod curve;
mod jks;
pub mod pem;
mod store;
