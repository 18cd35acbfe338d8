//! SCRAM (RFC 5802) as Kafka speaks it: without channel binding, names and passwords as they are in UTF-8.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac, pbkdf2};

/// `n,,` in Base64: no channel binding, nobody else's name.
const HEADER: &str = "biws";
/// Brokers refuse less than 4,096. More than this would only keep us busy.
const MAX_ITERATIONS: u32 = 10_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha512,
}

impl Hash {
    fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }

    fn salted(self, password: &str, salt: &[u8], iterations: NonZeroU32) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        };
        let mut salted = vec![0; self.hmac().digest_algorithm().output_len()];
        pbkdf2::derive(
            algorithm,
            iterations,
            salt,
            password.as_bytes(),
            &mut salted,
        );
        salted
    }

    fn sign(self, key: &[u8], text: &[u8]) -> hmac::Tag {
        hmac::sign(&hmac::Key::new(self.hmac(), key), text)
    }
}

/// A login that has begun.
pub(super) struct Exchange<'a> {
    hash: Hash,
    password: &'a str,
    nonce: String,
    first: String,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(hash: Hash, user: &str, password: &'a str) -> Result<Self, &'static str> {
        let mut random = [0; 24];
        let filled = SystemRandom::new().fill(&mut random);
        filled.map_err(|_| "there are no random numbers")?;
        Ok(Self::with_nonce(
            hash,
            user,
            password,
            BASE64.encode(random),
        ))
    }

    fn with_nonce(hash: Hash, user: &str, password: &'a str, nonce: String) -> Self {
        let user = user.replace('=', "=3D").replace(',', "=2C");
        let first = format!("n={user},r={nonce}");
        Self {
            hash,
            password,
            nonce,
            first,
        }
    }

    /// What is said first.
    pub(super) fn first(&self) -> Bytes {
        format!("n,,{}", self.first).into()
    }

    /// Answers the broker's challenge.
    pub(super) fn prove(&self, challenge: &[u8]) -> Result<Proof, &'static str> {
        let challenge = std::str::from_utf8(challenge).map_err(|_| "its challenge is no text")?;
        let nonce = field(challenge, "r=").ok_or("its challenge has no nonce")?;
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err("its challenge is for somebody else");
        }
        let salt = field(challenge, "s=").and_then(|it| BASE64.decode(it).ok());
        let salt = salt.ok_or("its challenge has no salt")?;
        let iterations = field(challenge, "i=").and_then(|it| it.parse().ok());
        let iterations: NonZeroU32 = iterations.ok_or("its challenge has no iterations")?;
        if iterations.get() > MAX_ITERATIONS {
            return Err("its challenge asks for too many iterations");
        }

        let salted = self.hash.salted(self.password, &salt, iterations);
        let last = format!("c={HEADER},r={nonce}");
        let signed = format!("{},{challenge},{last}", self.first);
        let client_key = self.hash.sign(&salted, b"Client Key");
        let stored_key = digest::digest(self.hash.hmac().digest_algorithm(), client_key.as_ref());
        let signature = self.hash.sign(stored_key.as_ref(), signed.as_bytes());
        let pairs = client_key.as_ref().iter().zip(signature.as_ref());
        let proof: Vec<u8> = pairs.map(|(key, signed)| key ^ signed).collect();
        Ok(Proof {
            message: format!("{last},p={}", BASE64.encode(proof)),
            server_key: hmac::Key::new(
                self.hash.hmac(),
                self.hash.sign(&salted, b"Server Key").as_ref(),
            ),
            signed,
        })
    }
}

/// That we know the password, and how to see that the broker does.
#[derive(Debug)]
pub(super) struct Proof {
    message: String,
    server_key: hmac::Key,
    signed: String,
}

impl Proof {
    pub(super) fn message(&self) -> String {
        self.message.clone()
    }

    /// Checks the broker's last message.
    pub(super) fn check(&self, last: &[u8]) -> Result<(), &'static str> {
        let last = std::str::from_utf8(last).map_err(|_| "its last message is no text")?;
        if field(last, "e=").is_some() {
            return Err("it does not accept the name or the password");
        }
        let signature = field(last, "v=").and_then(|it| BASE64.decode(it).ok());
        let signature = signature.ok_or("its last message has no signature")?;
        let verified = hmac::verify(&self.server_key, self.signed.as_bytes(), &signature);
        verified.map_err(|_| "it does not know the password itself")
    }
}

fn field<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    message.split(',').find_map(|it| it.strip_prefix(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    /// The example of RFC 7677.
    fn example() -> Exchange<'static> {
        let nonce = "rOprNGfwEbeRWgbNEkqO".to_owned();
        Exchange::with_nonce(Hash::Sha256, "user", "pencil", nonce)
    }

    #[test]
    fn both_sides_prove_that_they_know_the_password() {
        let exchange = example();
        assert_eq!(exchange.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");

        let proof = exchange.prove(CHALLENGE.as_bytes()).unwrap();

        assert_eq!(
            proof.message(),
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        let last = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
        assert_eq!(proof.check(last), Ok(()));
        let other = b"v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
        assert_eq!(
            proof.check(other),
            Err("it does not know the password itself")
        );
        assert_eq!(
            proof.check(b"e=unknown-user"),
            Err("it does not accept the name or the password")
        );
    }

    #[test]
    fn what_is_no_challenge_is_refused() {
        let check = |challenge: &str, expected| {
            assert_eq!(example().prove(challenge.as_bytes()).unwrap_err(), expected);
        };
        check("", "its challenge has no nonce");
        check(
            "r=other,s=W22Z,i=4096",
            "its challenge is for somebody else",
        );
        check(
            "r=rOprNGfwEbeRWgbNEkqO,s=W22Z,i=4096",
            "its challenge is for somebody else",
        );
        check(
            "r=rOprNGfwEbeRWgbNEkqO1,s=?,i=1",
            "its challenge has no salt",
        );
        check(
            "r=rOprNGfwEbeRWgbNEkqO1,s=W22Z,i=0",
            "its challenge has no iterations",
        );
        check(
            "r=rOprNGfwEbeRWgbNEkqO1,s=W22Z,i=4000000000",
            "its challenge asks for too many iterations",
        );
    }

    #[test]
    fn a_name_may_have_the_characters_that_separate() {
        let exchange = Exchange::with_nonce(Hash::Sha512, "a=b,c", "", "n".to_owned());

        assert_eq!(exchange.first(), "n,,n=a=3Db=2Cc,r=n");
    }
}
