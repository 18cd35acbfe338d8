//! The settings by which a connector overrides those of its Kafka clients.

use connect_core::config::{ConfigValueInfo, Props};
use connect_core::plugin::PluginKind;

use super::{Embedded, ValidationError};
use crate::config::client_keys::ClientKind;
use crate::config::connector::{DLQ_TOPIC, topic_creation};
use crate::config::worker::WorkerConfig;

/// Validates the overrides of the clients that the connector uses.
pub(super) fn validate(
    worker: &WorkerConfig,
    props: &Props,
    connector: PluginKind,
) -> Result<Embedded, ValidationError> {
    let mut embedded = Embedded::default();
    for kind in ClientKind::ALL {
        if !uses(connector, kind, props) {
            continue;
        }
        let prefix = kind.override_prefix();
        let refusals = worker.override_policy.refusals(kind, props);
        for (name, value) in props.with_prefix_stripped(prefix).iter() {
            if name.is_empty() {
                continue;
            }
            let rendered = match value {
                Some(value) => kind
                    .rendered(name, value)
                    .map_err(ValidationError::Config)?,
                None => None,
            };
            let refused = refusals.iter().filter(|(key, _)| *key == name);
            let info = ConfigValueInfo {
                name: name.to_owned(),
                value: rendered,
                recommended_values: Vec::new(),
                errors: refused.map(|(_, message)| message.to_owned()).collect(),
                visible: true,
            };
            embedded.add(prefix, kind.key(name), info);
        }
    }
    Ok(embedded)
}

/// Whether a connector uses a kind of client at all.
fn uses(connector: PluginKind, client: ClientKind, props: &Props) -> bool {
    let is_source = connector == PluginKind::Source;
    let has_dlq = !is_source && props.get(DLQ_TOPIC).is_some_and(|it| !it.trim().is_empty());
    match client {
        ClientKind::Producer => is_source || has_dlq,
        ClientKind::Consumer => !is_source,
        ClientKind::Admin if is_source => topic_creation::is_configured(props),
        ClientKind::Admin => has_dlq,
    }
}
