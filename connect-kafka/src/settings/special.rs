//! Settings whose translation takes more than a row of the table; those about security have a file of their own.

use super::draft::{Draft, invalid, parse_choice, parse_flag, parse_number};
use crate::error::Result;

const INT_MAX: i64 = i32::MAX as i64;

/// Of `buffer.memory` each record takes at least so much, however small it is: about twice what the engine needs for one
/// beside its bytes. More records that wait make nothing faster.
const BYTES_PER_RECORD: i64 = 768;

pub(super) fn bootstrap_servers(draft: &mut Draft<'_>, value: &str) -> Result<()> {
    let key = "bootstrap.servers";
    let servers: Vec<&str> = value
        .split(',')
        .map(|it| without_scheme(it.trim()))
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

/// Java's clients take `SCHEME://host:port`, whatever the scheme is: the protocol is a setting of its own.
fn without_scheme(server: &str) -> &str {
    let is_of_scheme = |it: u8| it.is_ascii_alphanumeric() || b"-%._".contains(&it);
    match server.split_once("://") {
        Some((scheme, address)) if scheme.bytes().all(is_of_scheme) => address,
        _ => server,
    }
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
        draft.put("sticky.partitioning.linger.ms", "10");
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

fn at_least_zero(key: &str, value: &str) -> Result<i64> {
    let parsed = parse_number(key, value, "INT")?;
    match parsed < 0 {
        true => Err(invalid(key, value, "Value must be at least 0")),
        false => Ok(parsed),
    }
}
