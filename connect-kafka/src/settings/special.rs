//! Settings whose translation takes more than a row of the table.

use super::draft::{Draft, invalid, parse_choice, parse_flag, parse_number};
use crate::error::Result;

const INT_MAX: i64 = i32::MAX as i64;

/// Memory that the engine needs for a record beside its bytes, roughly: so many records fill `buffer.memory`
/// even if they are empty.
const BYTES_PER_RECORD: i64 = 256;

pub(super) fn bootstrap_servers(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    let key = "bootstrap.servers";
    let servers: Vec<&str> = value
        .split(',')
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .collect();
    if servers.is_empty() {
        return Err(invalid(key, value, "No bootstrap urls given"));
    }
    for server in &servers {
        let has_port = server
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        if !has_port {
            return Err(invalid(key, server, "Expected host:port"));
        }
    }
    draft.put(key, servers.join(","));
    Ok(())
}

pub(super) fn request_timeout(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    let key = "request.timeout.ms";
    let millis = at_least_zero(key, value)?;
    let limited = draft.limited(key, millis, 10, 300_000);
    draft.put("socket.timeout.ms", limited.to_string());
    if draft.is_producer() {
        draft.put("request.timeout.ms", millis.clamp(1, 900_000).to_string());
    }
    Ok(())
}

pub(super) fn buffer_memory(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    let key = "buffer.memory";
    let bytes = parse_number(key, value, "LONG")?;
    if bytes < 0 {
        return Err(invalid(key, value, "Value must be at least 0"));
    }
    let kilobytes = draft.limited(key, bytes / 1024, 1, INT_MAX);
    draft.put("queue.buffering.max.kbytes", kilobytes.to_string());
    let records = (bytes / BYTES_PER_RECORD).clamp(1, INT_MAX);
    draft.put("queue.buffering.max.messages", records.to_string());
    Ok(())
}

pub(super) fn gzip_level(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    compression_level(draft, "compression.gzip.level", "gzip", value, (-1, 9))
}

pub(super) fn lz4_level(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    compression_level(draft, "compression.lz4.level", "lz4", value, (0, 12))
}

pub(super) fn zstd_level(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    compression_level(draft, "compression.zstd.level", "zstd", value, (0, 12))
}

/// The engine has one level for all codecs, so only the level of the chosen codec counts; as in Java.
fn compression_level(
    draft: &mut Draft<'_>,
    key: &'static str,
    codec: &str,
    value: &str,
    (min, max): (i64, i64),
) -> Result<()> {
    let level = parse_number(key, value, "INT")?;
    if draft
        .other("compression.type")
        .is_some_and(|it| it.eq_ignore_ascii_case(codec))
    {
        let limited = draft.limited(key, level, min, max);
        draft.put("compression.level", limited.to_string());
    }
    Ok(())
}

pub(super) fn partitioner_class(draft: &mut Draft<'_>, _value: &str) -> Result<()> {
    draft.report(
        "partitioner.class",
        "it names a Java class; records are placed as by Java's default partitioner",
    );
    Ok(())
}

pub(super) fn partitioner_ignore_keys(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    if parse_flag("partitioner.ignore.keys", value)? {
        draft.put("partitioner", "random");
    }
    Ok(())
}

pub(super) fn auto_offset_reset(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    let key = "auto.offset.reset";
    if value.to_ascii_lowercase().starts_with("by_duration:") {
        return Err(invalid(
            key,
            value,
            "resetting by duration is not supported, use earliest or latest",
        ));
    }
    let choices = [
        ("latest", "latest"),
        ("earliest", "earliest"),
        ("none", "error"),
    ];
    let engine = parse_choice(key, value, &choices)?;
    draft.put(key, engine);
    Ok(())
}

/// The engine cannot offer eager and cooperative assignors together; the group settles on an eager one then, as
/// it does in Java as long as one member offers only that.
pub(super) fn assignment_strategy(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    let key = "partition.assignment.strategy";
    let mut eager = Vec::new();
    let mut is_cooperative = false;
    for class in value.split(',').map(str::trim).filter(|it| !it.is_empty()) {
        match class.rsplit('.').next().unwrap_or(class) {
            "RangeAssignor" | "range" => eager.push("range"),
            "RoundRobinAssignor" | "roundrobin" => eager.push("roundrobin"),
            "CooperativeStickyAssignor" | "cooperative-sticky" => is_cooperative = true,
            _ => draft.report(key, format!("the assignor {class} is not available")),
        }
    }
    match (eager.is_empty(), is_cooperative) {
        (true, true) => draft.put(key, "cooperative-sticky"),
        (false, _) => draft.put(key, eager.join(",")),
        (true, false) => {
            let reason = "use RangeAssignor, RoundRobinAssignor or CooperativeStickyAssignor";
            return Err(invalid(key, value, reason));
        }
    }
    Ok(())
}

pub(super) fn security_protocol(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    let key = "security.protocol";
    let choices = [
        ("PLAINTEXT", "plaintext"),
        ("SSL", "ssl"),
        ("SASL_PLAINTEXT", "sasl_plaintext"),
        ("SASL_SSL", "sasl_ssl"),
    ];
    let engine = parse_choice(key, value, &choices)?;
    if engine.ends_with("ssl") && !cfg!(feature = "tls") {
        return Err(invalid(
            key,
            value,
            "this build has no TLS; build it with the feature `tls`",
        ));
    }
    draft.put(key, engine);
    Ok(())
}

/// Reads user and password, or a keytab, out of a login module's entry.
pub(super) fn jaas_config(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    let key = "sasl.jaas.config";
    let options = jaas_options(value);
    let option = |name: &str| {
        options
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
    };
    if value.contains("Krb5LoginModule") {
        if let Some(principal) = option("principal") {
            draft.put("sasl.kerberos.principal", principal);
        }
        if let Some(keytab) = option("keyTab") {
            draft.put("sasl.kerberos.keytab", keytab);
        }
        return Ok(());
    }
    match (option("username"), option("password")) {
        (Some(username), Some(password)) => {
            draft.put("sasl.username", username);
            draft.put("sasl.password", password);
        }
        _ => draft.report(key, "only login modules with a username and a password, and Kerberos keytabs, are supported"),
    }
    Ok(())
}

/// `module required name="value" other=value;` → names and values.
fn jaas_options(entry: &str) -> Vec<(String, String)> {
    let mut options = Vec::new();
    let mut rest = entry.trim().trim_end_matches(';');
    while let Some((before, after)) = rest.split_once('=') {
        let name = before
            .split_whitespace()
            .next_back()
            .unwrap_or_default()
            .to_owned();
        let after = after.trim_start();
        let (value, tail) = if let Some(quoted) = after.strip_prefix('"') {
            unquote(quoted)
        } else {
            let end = after.find(char::is_whitespace).unwrap_or(after.len());
            let (value, tail) = after.split_at(end);
            (value.to_owned(), tail)
        };
        options.push((name, value));
        rest = tail;
    }
    options
}

/// The text up to the closing quote, escapes resolved, and what follows it.
fn unquote(quoted: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => value.extend(chars.next()),
            _ => value.push(c),
        }
    }
    (value, chars.as_str())
}

pub(super) fn kinit_command(draft: &mut Draft<'_>, _value: &str) -> Result<()> {
    draft.report(
        "sasl.kerberos.kinit.cmd",
        "tickets are obtained with the keytab and principal of sasl.jaas.config",
    );
    Ok(())
}

pub(super) fn cipher_suites(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    if is_encrypted(draft, "ssl.cipher.suites") {
        draft.put("ssl.cipher.suites", value.replace(',', ":"));
    }
    Ok(())
}

pub(super) fn endpoint_identification(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    let key = "ssl.endpoint.identification.algorithm";
    let engine = parse_choice(key, value, &[("https", "https"), ("", "none")])?;
    if is_encrypted(draft, key) {
        draft.put(key, engine);
    }
    Ok(())
}

pub(super) fn key_password(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    if is_encrypted(draft, "ssl.key.password") {
        draft.put("ssl.key.password", value);
    }
    Ok(())
}

pub(super) fn certificate_chain(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    if is_encrypted(draft, "ssl.keystore.certificate.chain") {
        draft.put("ssl.certificate.pem", value);
    }
    Ok(())
}

pub(super) fn private_key(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    if is_encrypted(draft, "ssl.keystore.key") {
        draft.put("ssl.key.pem", value);
    }
    Ok(())
}

pub(super) fn keystore_location(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    let key = "ssl.keystore.location";
    if !is_encrypted(draft, key) {
        return Ok(());
    }
    match store_type(draft, "ssl.keystore.type").as_str() {
        "PEM" => {
            draft.put("ssl.certificate.location", value);
            draft.put("ssl.key.location", value);
        }
        "PKCS12" => draft.put("ssl.keystore.location", value),
        _ => draft.report(
            key,
            "JKS stores cannot be read; use ssl.keystore.type PKCS12 or PEM",
        ),
    }
    Ok(())
}

pub(super) fn keystore_password(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    let key = "ssl.keystore.password";
    if is_encrypted(draft, key) && store_type(draft, "ssl.keystore.type") == "PKCS12" {
        draft.put(key, value);
    }
    Ok(())
}

pub(super) fn truststore_certificates(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    if is_encrypted(draft, "ssl.truststore.certificates") {
        draft.put("ssl.ca.pem", value);
    }
    Ok(())
}

pub(super) fn truststore_location(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    let key = "ssl.truststore.location";
    if !is_encrypted(draft, key) {
        return Ok(());
    }
    match store_type(draft, "ssl.truststore.type").as_str() {
        "PEM" => draft.put("ssl.ca.location", value),
        _ => draft.report(
            key,
            "JKS and PKCS12 trust stores cannot be read; use ssl.truststore.type PEM",
        ),
    }
    Ok(())
}

pub(super) fn truststore_password(draft: &mut Draft<'_>, _value: &str) -> Result<()> {
    let key = "ssl.truststore.password";
    if is_encrypted(draft, key) {
        draft.report(key, "trust stores in PEM form have no password");
    }
    Ok(())
}

fn store_type(draft: &Draft<'_>, key: &str) -> String {
    draft.other(key).unwrap_or("JKS").to_ascii_uppercase()
}

/// Whether the connection is encrypted at all; reports `key` if it is not.
fn is_encrypted(draft: &mut Draft<'_>, key: &str) -> bool {
    let protocol = draft
        .other("security.protocol")
        .unwrap_or("PLAINTEXT")
        .to_ascii_uppercase();
    let is_encrypted = protocol.ends_with("SSL");
    if !is_encrypted {
        draft.report(
            key,
            format!("security.protocol is {protocol}, so connections are not encrypted"),
        );
    }
    is_encrypted
}

fn at_least_zero(key: &str, value: &str) -> Result<i64> {
    let parsed = parse_number(key, value, "INT")?;
    match parsed < 0 {
        true => Err(invalid(key, value, "Value must be at least 0")),
        false => Ok(parsed),
    }
}
