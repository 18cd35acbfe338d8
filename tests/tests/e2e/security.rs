//! A worker of a Kafka that wants a password over an encrypted connection, with the settings of the reference's users.

use connect_tests::broker::BrokerKind;
use connect_tests::kafka::{Kafka, Listener, store};

use crate::scene::{Scene, run, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_come_through_over_an_encrypted_connection_with_a_password() {
    run(BrokerKind::Kafka, lines_come_through).await;
}

async fn lines_come_through(scene: Scene) {
    let Some(kafka) = Kafka::shared().await else {
        return;
    };
    let login = "org.apache.kafka.common.security.scram.ScramLoginModule required \
                 username=\"alice\" password=\"alice-secret\";";
    let trusted = store("trust.jks");
    let mut worker = scene.worker();
    worker = worker.set(
        "bootstrap.servers",
        &kafka.listener(Listener::EncryptedPassword),
    );
    for (key, value) in [
        ("security.protocol", "SASL_SSL"),
        ("sasl.mechanism", "SCRAM-SHA-512"),
        ("sasl.jaas.config", login),
        ("ssl.truststore.location", text(&trusted)),
        ("ssl.truststore.password", "storepass"),
    ] {
        for prefix in ["", "producer.", "consumer."] {
            worker = worker.set(&format!("{prefix}{key}"), value);
        }
    }
    let worker = worker.start().await;
    scene.append("one\ntwo\n");

    scene.create_both(&worker).await;

    scene.wait_for_sink("one\ntwo\n").await;
}
