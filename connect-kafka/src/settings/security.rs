//! Encryption and credentials: settings that depend on each other.
//!
//! Nothing is read here: what is in stores is read when a client is made.

use std::{fmt, path::PathBuf};

use super::{
    draft::{Draft, invalid, parse_choice},
    jaas::Entry,
};
use crate::error::{KafkaError, Result};

const PROTOCOL: &str = "security.protocol";
const MECHANISM: &str = "sasl.mechanism";
const LOGIN: &str = "sasl.jaas.config";
/// Java's default types of stores and of logging in.
const JKS: &str = "JKS";
const GSSAPI: &str = "GSSAPI";

/// Where certificates, and perhaps a key, come from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Values of settings, in PEM.
    Text {
        certificates: String,
        key: Option<String>,
    },
    /// A file.
    File {
        path: PathBuf,
        kind: String,
        password: Option<String>,
    },
}

/// What has to be read before a connection can be encrypted.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Stores {
    pub(crate) trusted: Option<Source>,
    pub(crate) own: Option<Source>,
    pub(crate) key_password: Option<String>,
}

impl fmt::Debug for Stores {
    /// Without anything that may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stores")
            .field("trusted", &self.trusted.is_some())
            .field("own", &self.own.is_some())
            .finish_non_exhaustive()
    }
}

pub(super) fn security_protocol(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    let choices = [
        ("PLAINTEXT", "plaintext"),
        ("SSL", "ssl"),
        ("SASL_PLAINTEXT", "sasl_plaintext"),
        ("SASL_SSL", "sasl_ssl"),
    ];
    let engine = parse_choice(PROTOCOL, value, &choices)?;
    if engine.ends_with("ssl") && !cfg!(feature = "tls") {
        return Err(without("tls", PROTOCOL, value, "TLS"));
    }
    draft.put(PROTOCOL, engine);
    Ok(())
}

pub(super) fn mechanism(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    match value {
        "PLAIN" | GSSAPI | "SCRAM-SHA-256" | "SCRAM-SHA-512" => {}
        "OAUTHBEARER" => return Err(invalid(MECHANISM, value, "tokens cannot be retrieved")),
        _ => return Err(invalid(MECHANISM, value, "there is no such mechanism")),
    }
    draft.put(MECHANISM, value);
    Ok(())
}

/// Reads user and password, or a keytab, out of a login module's entry.
pub(super) fn login(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    let entry = Entry::parse(value)?;
    let options: &[(&str, &'static str)] = match entry.module() {
        "Krb5LoginModule" => &[
            ("principal", "sasl.kerberos.principal"),
            ("keyTab", "sasl.kerberos.keytab"),
            ("serviceName", "sasl.kerberos.service.name"),
        ],
        "PlainLoginModule" | "ScramLoginModule" => {
            &[("username", "sasl.username"), ("password", "sasl.password")]
        }
        _ => {
            let problem = "only PlainLoginModule, ScramLoginModule and Krb5LoginModule are known";
            return Err(KafkaError::config(format!("{LOGIN}: {problem}")));
        }
    };
    if entry.option("tokenauth").is_some_and(|it| it == "true") {
        let problem = "delegation tokens are not supported";
        return Err(KafkaError::config(format!("{LOGIN}: {problem}")));
    }
    for (option, key) in options {
        if let Some(value) = entry.option(option) {
            draft.put(key, value);
        }
    }
    Ok(())
}

pub(super) fn kinit_command(draft: &mut Draft<'_>, _value: &str) -> Result<()> {
    draft.report(
        "sasl.kerberos.kinit.cmd",
        "tickets are obtained with the keytab and principal of sasl.jaas.config",
    );
    Ok(())
}

pub(super) fn cipher_suites(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    draft.put("ssl.cipher.suites", value.replace(',', ":"));
    Ok(())
}

pub(super) fn endpoint_identification(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    let key = "ssl.endpoint.identification.algorithm";
    let engine = parse_choice(key, value, &[("https", "https"), ("", "none")])?;
    draft.put(key, engine);
    Ok(())
}

/// The last word on credentials, when all settings have been seen.
pub(super) fn reconcile_login(draft: &mut Draft<'_>) -> Result<()> {
    let protocol = protocol(draft);
    if !protocol.starts_with("SASL_") {
        if draft.other(LOGIN).is_some() {
            draft.report(
                LOGIN,
                format!("{PROTOCOL} is {protocol}, so nobody logs in"),
            );
        }
        draft.forget("sasl.");
        return Ok(());
    }
    let mechanism = draft.other(MECHANISM).unwrap_or(GSSAPI);
    if mechanism == GSSAPI {
        return match cfg!(feature = "kerberos") {
            true => Ok(()),
            false => Err(without("kerberos", MECHANISM, GSSAPI, "Kerberos")),
        };
    }
    if mechanism.starts_with("SCRAM") && !cfg!(feature = "tls") {
        return Err(without("tls", MECHANISM, mechanism, "SCRAM"));
    }
    if draft.has("sasl.username") && draft.has("sasl.password") {
        return Ok(());
    }
    Err(KafkaError::config(format!(
        "{LOGIN}: {mechanism} needs a login module with a username and a password"
    )))
}

fn without(feature: &str, key: &str, value: &str, what: &str) -> KafkaError {
    let reason = format!("this build has no {what}; build it with the feature `{feature}`");
    invalid(key, value, &reason)
}

/// The stores of an encrypted connection, under Java's rules about what goes together.
pub(super) fn stores(draft: &mut Draft<'_>) -> Result<Stores> {
    if !protocol(draft).ends_with("SSL") {
        report_without_encryption(draft);
        draft.forget("ssl.");
        return Ok(Stores::default());
    }
    Ok(Stores {
        trusted: trusted(draft)?,
        own: own(draft)?,
        key_password: owned(draft, "ssl.key.password"),
    })
}

fn trusted(draft: &Draft<'_>) -> Result<Option<Source>> {
    let kind = draft.other("ssl.truststore.type").unwrap_or(JKS);
    let location = draft.other("ssl.truststore.location");
    let password = owned(draft, "ssl.truststore.password");
    let certificates = owned(draft, "ssl.truststore.certificates");
    let is_pem = kind == "PEM";
    match (certificates, location) {
        (Some(_), _) if !is_pem => refused(&format!(
            "SSL trust store certs can be specified only for PEM, but trust store type is {kind}."
        )),
        (Some(_), Some(_)) => {
            refused("Both SSL trust store location and separate trust certificates are specified.")
        }
        (Some(_), None) | (None, Some(_)) if is_pem && password.is_some() => {
            refused("SSL trust store password cannot be specified for PEM format.")
        }
        (Some(certificates), None) => Ok(Some(Source::Text {
            certificates,
            key: None,
        })),
        (None, None) if password.is_some() => {
            refused("SSL trust store is not specified, but trust store password is specified.")
        }
        (None, Some(path)) => Ok(Some(file(path, kind, password))),
        (None, None) => Ok(None),
    }
}

fn own(draft: &Draft<'_>) -> Result<Option<Source>> {
    let kind = draft.other("ssl.keystore.type").unwrap_or(JKS);
    let location = draft.other("ssl.keystore.location");
    let password = owned(draft, "ssl.keystore.password");
    let key = owned(draft, "ssl.keystore.key");
    let certificates = owned(draft, "ssl.keystore.certificate.chain");
    let is_pem = kind == "PEM";
    match (key, certificates, location) {
        (Some(_), _, _) if !is_pem => refused(&format!(
            "SSL private key can be specified only for PEM, but key store type is {kind}."
        )),
        (Some(_), None, _) => {
            refused("SSL private key is specified, but certificate chain is not specified.")
        }
        (Some(_), Some(_), Some(_)) => {
            refused("Both SSL key store location and separate private key are specified.")
        }
        (Some(_), Some(_), None) if password.is_some() => refused(
            "SSL key store password cannot be specified with PEM format, only key password may be specified.",
        ),
        (Some(key), Some(certificates), None) => Ok(Some(Source::Text {
            certificates,
            key: Some(key),
        })),
        (None, Some(_), _) => {
            refused("SSL certificate chain is specified, but private key is not specified")
        }
        (None, None, Some(_)) if is_pem && password.is_some() => refused(
            "SSL key store password cannot be specified with PEM format, only key password may be specified",
        ),
        (None, None, None) if password.is_some() => {
            refused("SSL key store is not specified, but key store password is specified.")
        }
        (None, None, Some(_)) if !is_pem && password.is_none() => {
            refused("SSL key store is specified, but key store password is not specified.")
        }
        (None, None, Some(path)) => Ok(Some(file(path, kind, password))),
        (None, None, None) => Ok(None),
    }
}

fn file(path: &str, kind: &str, password: Option<String>) -> Source {
    Source::File {
        path: PathBuf::from(path),
        kind: kind.to_owned(),
        password,
    }
}

fn refused<T>(text: &str) -> Result<T> {
    Err(KafkaError::config(text))
}

fn report_without_encryption(draft: &mut Draft<'_>) {
    let reason = format!(
        "{PROTOCOL} is {}, so connections are not encrypted",
        protocol(draft)
    );
    for key in [
        "ssl.cipher.suites",
        "ssl.endpoint.identification.algorithm",
        "ssl.key.password",
        "ssl.keystore.certificate.chain",
        "ssl.keystore.key",
        "ssl.keystore.location",
        "ssl.keystore.password",
        "ssl.truststore.certificates",
        "ssl.truststore.location",
        "ssl.truststore.password",
    ] {
        if draft.other(key).is_some() {
            draft.report(key, reason.as_str());
        }
    }
}

fn owned(draft: &Draft<'_>, key: &str) -> Option<String> {
    draft.other(key).map(str::to_owned)
}

fn protocol(draft: &Draft<'_>) -> String {
    let protocol = draft.other(PROTOCOL).unwrap_or("PLAINTEXT");
    protocol.to_ascii_uppercase()
}

#[cfg(test)]
mod tests;
