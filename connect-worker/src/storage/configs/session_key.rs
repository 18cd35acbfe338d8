//! The key that workers of a cluster share, and the signatures that are made with it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use rand::Rng as _;

use crate::config::worker::SessionConfig;
use crate::herder::{HerderError, Signature};

/// A key, which [`Debug`] does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey {
    bytes: Vec<u8>,
    algorithm: String,
    created: i64,
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionKey")
            .field("algorithm", &self.algorithm)
            .field("created", &self.created)
            .finish_non_exhaustive()
    }
}

impl SessionKey {
    /// A new key as the settings want one, of this moment in milliseconds since 1970.
    #[must_use]
    pub fn generate(settings: &SessionConfig, now: i64) -> Self {
        let mut bytes = vec![0; key_len(settings)];
        rand::rng().fill_bytes(&mut bytes);
        Self {
            bytes,
            algorithm: settings.key_algorithm.clone(),
            created: now,
        }
    }

    /// A key as it is written; `None` when it is not base64.
    #[must_use]
    pub fn decoded(key: &str, algorithm: &str, created: i64) -> Option<Self> {
        Some(Self {
            bytes: BASE64.decode(key).ok()?,
            algorithm: algorithm.to_owned(),
            created,
        })
    }

    /// The key in base64.
    #[must_use]
    pub fn encoded(&self) -> String {
        BASE64.encode(&self.bytes)
    }

    /// The algorithm that it was made for, by Java's name.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// When it was made, in milliseconds since 1970.
    #[must_use]
    pub fn created(&self) -> i64 {
        self.created
    }

    /// Whether it is the kind of key that the settings want.
    #[must_use]
    pub fn suits(&self, settings: &SessionConfig) -> bool {
        self.algorithm == settings.key_algorithm && self.bytes.len() == key_len(settings)
    }

    /// A signature by an algorithm of Java's name, in base64; `None` when that is not known.
    #[must_use]
    pub fn sign(&self, algorithm: &str, body: &[u8]) -> Option<String> {
        Some(BASE64.encode(mac(algorithm, &self.bytes, body)?))
    }

    fn has_signed(&self, algorithm: &str, body: &[u8], signature: &[u8]) -> bool {
        match algorithm {
            "HmacMD5" => verified::<Hmac<md5::Md5>>(&self.bytes, body, signature),
            "HmacSHA1" => verified::<Hmac<sha1::Sha1>>(&self.bytes, body, signature),
            "HmacSHA256" => verified::<Hmac<sha2::Sha256>>(&self.bytes, body, signature),
            "HmacSHA384" => verified::<Hmac<sha2::Sha384>>(&self.bytes, body, signature),
            "HmacSHA512" => verified::<Hmac<sha2::Sha512>>(&self.bytes, body, signature),
            _ => false,
        }
    }
}

/// What can be said of a signature without the key; wrong headers are refused by every worker.
///
/// # Errors
/// The answer of the reference.
pub fn check_form(signature: &Signature) -> Result<(), HerderError> {
    let (Some(text), Some(algorithm)) = (&signature.signature, &signature.algorithm) else {
        return Ok(());
    };
    if mac(algorithm, &[], &[]).is_none() {
        let text = format!("Algorithm {algorithm} not available");
        return Err(HerderError::BadRequest(text));
    }
    match BASE64.decode(text) {
        Ok(_) => Ok(()),
        Err(base64::DecodeError::InvalidByte(_, byte)) => Err(HerderError::BadRequest(format!(
            "Illegal base64 character {byte:x}"
        ))),
        Err(error) => Err(HerderError::BadRequest(error.to_string())),
    }
}

/// Whether a request comes from a worker of the cluster.
///
/// # Errors
/// The answer of the reference.
pub fn verify(
    signature: &Signature,
    key: Option<&SessionKey>,
    allowed: &[String],
) -> Result<(), HerderError> {
    let (Some(text), Some(algorithm)) = (&signature.signature, &signature.algorithm) else {
        let text = "Internal request missing required signature".to_owned();
        return Err(HerderError::BadRequest(text));
    };
    if !allowed.contains(algorithm) {
        return Err(HerderError::BadRequest(format!(
            "This worker does not support the '{algorithm}' key signing algorithm used by other \
             workers. This worker is currently configured to use: [{}]. Check that all workers' \
             configuration files permit the same set of signature algorithms, and correct any \
             misconfigured worker and restart it.",
            allowed.join(", ")
        )));
    }
    let Some(key) = key else {
        return Err(HerderError::Unavailable(
            "This worker is still starting up and has not been able to read a session key from the \
             config topic yet"
                .to_owned(),
        ));
    };
    let bytes = BASE64.decode(text).unwrap_or_default();
    match key.has_signed(algorithm, &signature.body, &bytes) {
        true => Ok(()),
        false => Err(HerderError::Forbidden(
            "Internal request contained invalid signature.".to_owned(),
        )),
    }
}

/// Length of a key in bytes.
fn key_len(settings: &SessionConfig) -> usize {
    if let Some(bits) = settings.key_bits {
        return (bits as usize).div_ceil(8);
    }
    match settings.key_algorithm.as_str() {
        "HmacSHA256" => 32,
        "HmacSHA384" => 48,
        _ => 64,
    }
}

fn mac(algorithm: &str, key: &[u8], body: &[u8]) -> Option<Vec<u8>> {
    Some(match algorithm {
        "HmacMD5" => code::<Hmac<md5::Md5>>(key, body),
        "HmacSHA1" => code::<Hmac<sha1::Sha1>>(key, body),
        "HmacSHA256" => code::<Hmac<sha2::Sha256>>(key, body),
        "HmacSHA384" => code::<Hmac<sha2::Sha384>>(key, body),
        "HmacSHA512" => code::<Hmac<sha2::Sha512>>(key, body),
        _ => return None,
    })
}

fn code<M: Mac + KeyInit>(key: &[u8], body: &[u8]) -> Vec<u8> {
    over::<M>(key, body).finalize().into_bytes().to_vec()
}

/// In constant time.
fn verified<M: Mac + KeyInit>(key: &[u8], body: &[u8], signature: &[u8]) -> bool {
    over::<M>(key, body).verify_slice(signature).is_ok()
}

fn over<M: Mac + KeyInit>(key: &[u8], body: &[u8]) -> M {
    let mac = <M as KeyInit>::new_from_slice(key).expect("a key of any length will do");
    mac.chain_update(body)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn settings(algorithm: &str, key_bits: Option<u32>) -> SessionConfig {
        SessionConfig {
            ttl: Duration::ZERO,
            key_algorithm: algorithm.to_owned(),
            key_bits,
            signature_algorithm: algorithm.to_owned(),
            verification_algorithms: vec![algorithm.to_owned()],
        }
    }

    fn counting() -> SessionKey {
        SessionKey {
            bytes: (0..32).collect(),
            algorithm: "HmacSHA256".to_owned(),
            created: 0,
        }
    }

    fn signed(body: &'static [u8], signature: &str) -> Signature {
        Signature {
            signature: Some(signature.to_owned()),
            algorithm: Some("HmacSHA256".to_owned()),
            body: bytes::Bytes::from_static(body),
        }
    }

    #[test]
    fn signatures_are_those_of_the_reference() {
        for (body, expected) in [
            (&b"[]"[..], "RFz4uuvEwRyKDg2eLYkj6DfD/GYfMQFAut0Di01ZS3o="),
            (b"", "04tCCW2A9F+Ca0Sp1WB95ySWpBXT9KGoyI47udqNwcs="),
            (
                br#"[{"a":"b"}]"#,
                "Eroe1tB3QaSe5EJ0n/U/3E2UQZRh4D5G73yb9AU1xkM=",
            ),
        ] {
            let signature = counting().sign("HmacSHA256", body).unwrap();
            assert_eq!(signature, expected);
            let allowed = ["HmacSHA256".to_owned()];
            let signature = signed(body, expected);
            assert_eq!(verify(&signature, Some(&counting()), &allowed), Ok(()));
        }
    }

    #[test]
    fn requests_are_refused_in_the_order_of_the_reference() {
        let allowed = ["HmacSHA256".to_owned()];
        let text = |outcome: Result<(), HerderError>| outcome.unwrap_err().to_string();
        let unsigned = Signature::default();
        assert_eq!(
            text(verify(&unsigned, None, &allowed)),
            "Internal request missing required signature"
        );
        let mut other = signed(b"[]", "AAAA");
        other.algorithm = Some("HmacSHA512".to_owned());
        assert!(text(verify(&other, None, &allowed)).contains(
            "the 'HmacSHA512' key signing algorithm used by other workers. This worker is \
                 currently configured to use: [HmacSHA256]."
        ));
        let wrong = signed(b"[]", "AAAA");
        assert!(matches!(
            verify(&wrong, None, &allowed),
            Err(HerderError::Unavailable(_))
        ));
        assert!(matches!(
            verify(&wrong, Some(&counting()), &allowed),
            Err(HerderError::Forbidden(_))
        ));
    }

    #[test]
    fn headers_that_make_no_sense_are_refused_by_everybody() {
        assert_eq!(check_form(&Signature::default()), Ok(()));
        let mut signature = signed(b"", "!");
        assert_eq!(
            check_form(&signature).unwrap_err().to_string(),
            "Illegal base64 character 21"
        );
        signature.algorithm = Some("Rot13".to_owned());
        assert_eq!(
            check_form(&signature).unwrap_err().to_string(),
            "Algorithm Rot13 not available"
        );
    }

    #[test]
    fn keys_have_the_length_of_their_algorithm() {
        for (algorithm, bits, len) in [
            ("HmacSHA256", None, 32),
            ("HmacSHA384", None, 48),
            ("HmacSHA512", None, 64),
            ("HmacSHA1", None, 64),
            ("HmacMD5", None, 64),
            ("HmacSHA256", Some(100), 13),
        ] {
            let settings = settings(algorithm, bits);
            let key = SessionKey::generate(&settings, 7);
            assert_eq!((key.bytes.len(), key.created()), (len, 7), "{algorithm}");
            assert!(key.suits(&settings));
        }
        assert!(!counting().suits(&settings("HmacSHA512", None)));
        assert!(!format!("{:?}", counting()).contains("bytes"));
    }
}
