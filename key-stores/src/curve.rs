//! Private keys on elliptic curves: Java leaves their public half out, which rustls wants to see. It stands in the
//! certificate of the key.

use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{Decode as _, Encode as _};
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sec1::EcPrivateKey;
use x509_cert::Certificate;

const ON_A_CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// The key with its public half. Any other key, and whatever is malformed, is returned as it is: who
/// uses it judges it.
pub(crate) fn completed(
    key: PrivateKeyDer<'static>,
    certificate: Option<&CertificateDer<'_>>,
) -> PrivateKeyDer<'static> {
    let whole = certificate.and_then(|certificate| whole(&key, certificate));
    whole.unwrap_or(key)
}

fn whole(
    key: &PrivateKeyDer<'_>,
    certificate: &CertificateDer<'_>,
) -> Option<PrivateKeyDer<'static>> {
    let PrivateKeyDer::Pkcs8(key) = key else {
        return None;
    };
    let info = PrivateKeyInfoRef::from_der(key.secret_pkcs8_der()).ok()?;
    if info.algorithm.oid != ON_A_CURVE {
        return None;
    }
    let mut halves = EcPrivateKey::from_der(info.private_key.as_bytes()).ok()?;
    if halves.public_key.is_some() {
        return None;
    }
    let certificate = Certificate::from_der(certificate).ok()?;
    let public = certificate.tbs_certificate().subject_public_key_info();
    halves.public_key = Some(public.subject_public_key.as_bytes()?);
    let halves = halves.to_der().ok()?;
    let info = PrivateKeyInfoRef::new(info.algorithm, OctetStringRef::new(&halves).ok()?);
    Some(PrivatePkcs8KeyDer::from(info.to_der().ok()?).into())
}
