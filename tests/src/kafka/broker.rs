//! The configuration of a broker: one listener for each way to connect.
//!
//! Whoever has a password is alice; the stores are those that `key-stores` has for its own tests.

use std::path::{Path, PathBuf};

use super::Listener;
use crate::ports::free_port;

/// Credentials that are there from the beginning, as the storage tool takes them.
pub(super) const SCRAM_CREDENTIALS: [&str; 2] = [
    "SCRAM-SHA-256=[name=alice,password=alice-secret]",
    "SCRAM-SHA-512=[name=alice,password=alice-secret]",
];

const HOST: &str = "127.0.0.1";

/// Where a broker listens.
#[derive(Debug)]
pub(super) struct Ports {
    open: u16,
    password: u16,
    certificate: u16,
    encrypted_password: u16,
    controller: u16,
}

impl Ports {
    pub(super) fn free() -> Self {
        Self {
            open: free_port(),
            password: free_port(),
            certificate: free_port(),
            encrypted_password: free_port(),
            controller: free_port(),
        }
    }

    pub(super) fn address(&self, listener: Listener) -> String {
        let port = match listener {
            Listener::Open => self.open,
            Listener::Password => self.password,
            Listener::Certificate => self.certificate,
            Listener::EncryptedPassword => self.encrypted_password,
        };
        format!("{HOST}:{port}")
    }

    /// The listeners for clients, as the broker's configuration lists them.
    fn listeners(&self) -> String {
        [
            ("PLAINTEXT", Listener::Open),
            ("SASL_PLAINTEXT", Listener::Password),
            ("SSL", Listener::Certificate),
            ("SASL_SSL", Listener::EncryptedPassword),
        ]
        .map(|(name, listener)| format!("{name}://{}", self.address(listener)))
        .join(",")
    }
}

/// A file of keys or certificates; all of them open with `storepass`.
#[must_use]
pub fn store(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../key-stores/tests/stores");
    folder.join(name)
}

pub(super) fn properties(dir: &Path, ports: &Ports) -> String {
    let data = dir.join("data");
    let data = data.display();
    let listeners = ports.listeners();
    let controller = format!("{HOST}:{}", ports.controller);
    let (own, clients) = (store("server.p12"), store("clients.p12"));
    let (own, clients) = (own.display(), clients.display());
    let logins = logins();
    format!(
        "\
process.roles=broker,controller
node.id=0
controller.quorum.voters=0@{controller}
listeners={listeners},CONTROLLER://{controller}
advertised.listeners={listeners}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
{logins}listener.name.ssl.ssl.client.auth=required
ssl.keystore.location={own}
ssl.keystore.type=PKCS12
ssl.keystore.password=storepass
ssl.truststore.location={clients}
ssl.truststore.type=PKCS12
ssl.truststore.password=storepass
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
log.cleaner.backoff.ms=500
log.retention.check.interval.ms=500
log.initial.task.delay.ms=500
"
    )
}

/// Who may log in at the listeners that want a password.
fn logins() -> String {
    const MODULES: &str = "org.apache.kafka.common.security";
    let mut lines = String::new();
    for listener in ["sasl_plaintext", "sasl_ssl"] {
        for (mechanism, module) in [
            (
                "plain",
                "plain.PlainLoginModule required user_alice=\"alice-secret\";",
            ),
            ("scram-sha-256", "scram.ScramLoginModule required;"),
            ("scram-sha-512", "scram.ScramLoginModule required;"),
        ] {
            lines += &format!(
                "listener.name.{listener}.{mechanism}.sasl.jaas.config={MODULES}.{module}\n"
            );
        }
    }
    lines
}
