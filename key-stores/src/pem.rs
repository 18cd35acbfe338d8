//! PEM as the reference reads it: blocks in any order, which may be folded to one line as values of
//! properties are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pkcs8::EncryptedPrivateKeyInfoRef;
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer,
};
use zeroize::Zeroizing;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
/// Characters of a line.
const LINE: usize = 64;

struct Block<'a> {
    label: &'a str,
    content: Zeroizing<Vec<u8>>,
}

/// All certificates of a text, in order.
///
/// # Errors
/// There is none, or a block is malformed.
pub fn certificates(text: &str) -> Result<Vec<CertificateDer<'static>>, String> {
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
///
/// # Errors
/// A block is malformed, or the password does not open the key.
pub fn private_key(
    text: &str,
    password: Option<&str>,
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

/// Certificates as text.
#[must_use]
pub fn of_certificates(certificates: &[CertificateDer<'_>]) -> String {
    certificates
        .iter()
        .map(|it| block("CERTIFICATE", it))
        .collect()
}

/// A private key as text, not encrypted.
#[must_use]
pub fn of_private_key(key: &PrivateKeyDer<'_>) -> Zeroizing<String> {
    let label = match key {
        PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
        PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
        _ => "PRIVATE KEY",
    };
    Zeroizing::new(block(label, key.secret_der()))
}

fn block(label: &str, content: &[u8]) -> String {
    let content = Zeroizing::new(STANDARD.encode(content));
    let mut text = format!("{BEGIN}{label}{DASHES}\n");
    for line in content.as_bytes().chunks(LINE) {
        text.extend(line.iter().map(|it| char::from(*it)));
        text.push('\n');
    }
    text + END + label + DASHES + "\n"
}

fn decrypted(
    content: &[u8],
    password: Option<&str>,
) -> Result<PrivatePkcs8KeyDer<'static>, String> {
    let password =
        password.ok_or("the private key is encrypted, and there is no ssl.key.password")?;
    let key = EncryptedPrivateKeyInfoRef::try_from(content);
    let key =
        key.map_err(|error| format!("the private key is encrypted in an unknown way: {error}"))?;
    let key = key.decrypt(password);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let certificates = [vec![1; 100], vec![2; 48]].map(CertificateDer::from);
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(vec![3; 49]));

        let text = of_certificates(&certificates) + &of_private_key(&key);

        assert!(text.lines().all(|line| line.len() <= LINE), "{text}");
        assert_eq!(super::certificates(&text).unwrap(), certificates);
        assert_eq!(private_key(&text, None).unwrap(), Some(key));
    }

    #[test]
    fn a_text_may_be_folded_to_one_line() {
        let text = of_certificates(&[CertificateDer::from(vec![7; 200])]);

        let folded = text.replace('\n', " ");

        assert_eq!(
            certificates(&folded).unwrap(),
            [CertificateDer::from(vec![7; 200])]
        );
    }
}
