//! PEM as the reference reads it: blocks in any order, which may be folded to one line as values of
//! properties are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect_core::config::Secret;
use pkcs8::EncryptedPrivateKeyInfoRef;
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer,
};
use zeroize::Zeroizing;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

struct Block<'a> {
    label: &'a str,
    content: Zeroizing<Vec<u8>>,
}

/// All certificates of a text, in order.
pub(super) fn certificates(text: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let blocks = blocks(text)?.into_iter();
    let found: Vec<_> = blocks
        .filter(|it| it.label == "CERTIFICATE")
        .map(|it| CertificateDer::from(it.content.to_vec()))
        .collect();
    match found.is_empty() {
        true => Err("there is no certificate in the PEM text".to_owned()),
        false => Ok(found),
    }
}

/// The first private key of a text.
pub(super) fn private_key(
    text: &str,
    password: Option<&Secret>,
) -> Result<Option<PrivateKeyDer<'static>>, String> {
    for Block { label, content } in blocks(text)? {
        let content = content.to_vec();
        return Ok(Some(match label {
            "PRIVATE KEY" => PrivatePkcs8KeyDer::from(content).into(),
            "RSA PRIVATE KEY" => PrivatePkcs1KeyDer::from(content).into(),
            "EC PRIVATE KEY" => PrivateSec1KeyDer::from(content).into(),
            "ENCRYPTED PRIVATE KEY" => decrypted(&content, password)?.into(),
            _ => continue,
        }));
    }
    Ok(None)
}

fn decrypted(
    content: &[u8],
    password: Option<&Secret>,
) -> Result<PrivatePkcs8KeyDer<'static>, String> {
    let password =
        password.ok_or("the private key is encrypted, and there is no ssl.key.password")?;
    let key = EncryptedPrivateKeyInfoRef::try_from(content);
    let key =
        key.map_err(|error| format!("the private key is encrypted in an unknown way: {error}"))?;
    let key = key.decrypt(password.expose());
    let key = key.map_err(|_| "ssl.key.password does not open the private key")?;
    Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()))
}

fn blocks(text: &str) -> Result<Vec<Block<'_>>, String> {
    let malformed = |label: &str| format!("the PEM block `{label}` is malformed");
    let mut blocks = Vec::new();
    for part in text.split(BEGIN).skip(1) {
        let (label, rest) = part.split_once(DASHES).ok_or_else(|| malformed(""))?;
        let (content, end) = rest.split_once(END).ok_or_else(|| malformed(label))?;
        if end.split_once(DASHES).is_none_or(|(it, _)| it != label) {
            return Err(malformed(label));
        }
        let content: Zeroizing<String> = Zeroizing::new(content.split_whitespace().collect());
        let content = STANDARD.decode(content.as_bytes());
        let content = content.map_err(|_| malformed(label))?;
        blocks.push(Block {
            label,
            content: Zeroizing::new(content),
        });
    }
    Ok(blocks)
}
