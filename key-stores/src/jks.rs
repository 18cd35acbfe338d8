//! Java's own format of key stores, read only.
//!
//! ```text
//! magic, version, number of entries            4 bytes each
//! entry: 1 | alias | date | key | certificates     a private key with its chain
//!        2 | alias | date | certificate            a trusted certificate
//! SHA-1 of the password, a fixed text and all before
//! ```
//!
//! A key is masked by a chain of SHA-1 sums that begins with the password and a salt, and is followed
//! by a sum of its own. No library is used: those that there are bring another generation of the
//! cryptography that is here already.

use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{Decode as _, Reader as _, SliceReader};
use pkcs8::spki::AlgorithmIdentifierRef;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use crate::store::{Identity, StoreError, Stored};

pub(super) const MAGIC: [u8; 4] = [0xfe, 0xed, 0xfe, 0xed];
const WHITENER: &[u8] = b"Mighty Aphrodite";
const SUM: usize = 20;
const PRIVATE_KEY: u32 = 1;
const TRUSTED_CERTIFICATE: u32 = 2;

/// Reads a store. Without a password it is not checked whether somebody has changed it.
pub(super) fn read(
    bytes: &[u8],
    password: Option<&str>,
    key_password: Option<&str>,
) -> Result<Stored, StoreError> {
    let (content, sum) = bytes.split_last_chunk::<SUM>().ok_or_else(cut_off)?;
    if let Some(password) = password {
        let mut hash = Sha1::new_with_prefix(utf16(password));
        hash.update(WHITENER);
        hash.update(content);
        if hash.finalize().as_slice() != sum {
            return Err(StoreError::Password);
        }
    }
    let mut input = Input(content);
    input.take(MAGIC.len())?;
    let version = input.number()?;
    let mut stored = Stored::default();
    for _ in 0..input.number()? {
        match input.number()? {
            PRIVATE_KEY => {
                input.label()?;
                let key = input.bytes()?;
                let mut chain = Vec::new();
                for _ in 0..input.number()? {
                    chain.push(input.certificate(version)?);
                }
                if stored.identity.is_none() {
                    let key = unmasked(key, key_password.or(password))?.into();
                    stored.identity = Some(Identity { chain, key });
                }
            }
            TRUSTED_CERTIFICATE => {
                input.label()?;
                stored.trusted.push(input.certificate(version)?);
            }
            other => {
                let problem = format!("the store has an entry of unknown kind {other}");
                return Err(StoreError::Malformed(problem));
            }
        }
    }
    Ok(stored)
}

/// The key within its mask.
fn unmasked(key: &[u8], password: Option<&str>) -> Result<PrivatePkcs8KeyDer<'static>, StoreError> {
    let malformed = |_| StoreError::Malformed("a key of the store is malformed".to_owned());
    let mut reader = SliceReader::new(key).map_err(malformed)?;
    let masked: &OctetStringRef = reader
        .sequence(|reader| {
            AlgorithmIdentifierRef::decode(reader)?;
            <&OctetStringRef>::decode(reader)
        })
        .map_err(malformed)?;
    let (salt, masked) = masked
        .as_bytes()
        .split_first_chunk::<SUM>()
        .ok_or_else(cut_off)?;
    let (masked, sum) = masked.split_last_chunk::<SUM>().ok_or_else(cut_off)?;
    let password = utf16(password.ok_or(StoreError::KeyPassword)?);
    let mut plain = Vec::with_capacity(masked.len());
    let mut mask = *salt;
    for part in masked.chunks(SUM) {
        let hash = Sha1::new_with_prefix(&password).chain_update(mask);
        mask = hash.finalize().into();
        plain.extend(part.iter().zip(mask).map(|(byte, mask)| byte ^ mask));
    }
    let hash = Sha1::new_with_prefix(&password).chain_update(&plain);
    match hash.finalize().as_slice() == sum {
        true => Ok(PrivatePkcs8KeyDer::from(plain)),
        false => Err(StoreError::KeyPassword),
    }
}

fn utf16(password: &str) -> Zeroizing<Vec<u8>> {
    let units = password.encode_utf16();
    Zeroizing::new(units.flat_map(u16::to_be_bytes).collect())
}

fn cut_off() -> StoreError {
    StoreError::Malformed("the store is cut off".to_owned())
}

/// What has not been read yet.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], StoreError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(cut_off)?;
        self.0 = rest;
        Ok(taken)
    }

    fn chunk<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let (chunk, rest) = self.0.split_first_chunk().ok_or_else(cut_off)?;
        self.0 = rest;
        Ok(*chunk)
    }

    fn number(&mut self) -> Result<u32, StoreError> {
        self.chunk().map(u32::from_be_bytes)
    }

    /// Bytes behind their number.
    fn bytes(&mut self) -> Result<&'a [u8], StoreError> {
        let length = self.number()?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))
    }

    fn text(&mut self) -> Result<(), StoreError> {
        let length = self.chunk().map(u16::from_be_bytes)?;
        self.take(length.into()).map(drop)
    }

    /// Alias and date of an entry, which nobody asks for.
    fn label(&mut self) -> Result<(), StoreError> {
        self.text()?;
        self.chunk::<8>().map(drop)
    }

    fn certificate(&mut self, version: u32) -> Result<CertificateDer<'static>, StoreError> {
        // The first version had no types of certificates.
        if version > 1 {
            self.text()?;
        }
        Ok(CertificateDer::from(self.bytes()?.to_vec()))
    }
}
