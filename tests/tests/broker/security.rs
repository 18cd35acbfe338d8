//! Our clients log in and speak TLS with the settings of Java's. Apache Kafka alone has such listeners.

use std::time::Duration;

use connect_kafka::{
    Admin, ClientSettings, Consumer, ErrorKind, OutgoingRecord, Polled, Producer, StartOffset,
    TopicPartition,
};
use connect_tests::eventually::eventually;
use connect_tests::kafka::{Kafka, Listener, store};
use rand::distr::{Alphanumeric, SampleString as _};

use crate::bench::LIMIT;
use crate::membership;

const POLL: Duration = Duration::from_millis(200);
const PLAIN: &str = "org.apache.kafka.common.security.plain.PlainLoginModule";
const SCRAM: &str = "org.apache.kafka.common.security.scram.ScramLoginModule";

fn login(module: &str, password: &str) -> String {
    format!("{module} required username=\"alice\" password=\"{password}\";")
}

fn settings(kafka: &Kafka, listener: Listener, more: &[(&str, &str)]) -> ClientSettings {
    let protocol = match listener {
        Listener::Open => "PLAINTEXT",
        Listener::Password => "SASL_PLAINTEXT",
        Listener::Certificate => "SSL",
        Listener::EncryptedPassword => "SASL_SSL",
    };
    let address = kafka.listener(listener);
    let own = [
        ("bootstrap.servers", address.as_str()),
        ("security.protocol", protocol),
    ];
    own.into_iter().chain(more.iter().copied()).collect()
}

fn path(name: &str) -> String {
    store(name).to_str().unwrap().to_owned()
}

/// Writes a record and reads it again.
async fn check_round_trip(settings: &ClientSettings) {
    let admin = Admin::new(settings).unwrap();
    let cluster = admin.describe_cluster(LIMIT).await.unwrap();
    assert_eq!(cluster.brokers.len(), 1);

    let topic = format!(
        "secured-{}",
        Alphanumeric.sample_string(&mut rand::rng(), 10)
    );
    let mut producer = Producer::new(settings).unwrap();
    let record = OutgoingRecord {
        topic: &topic,
        partition: Some(0),
        key: None,
        value: Some(b"value"),
        headers: &[],
        timestamp: None,
    };
    assert_eq!(producer.send([record]), 1);
    let (acks, flushed) = producer.close(LIMIT).await;
    flushed.unwrap();
    assert!(acks.iter().all(|it| it.result.is_ok()), "{acks:?}");

    let mut consumer = Consumer::new(settings).unwrap();
    let partition = TopicPartition::new(topic.as_str(), 0);
    consumer
        .assign(&[(partition, StartOffset::Earliest)])
        .unwrap();
    let value = eventually(LIMIT, "the record", async || {
        match consumer.poll(POLL).await.unwrap() {
            Polled::Records(batch) => Ok(batch.get(0).unwrap().value().unwrap().to_vec()),
            other => Err(other),
        }
    });
    assert_eq!(value.await, b"value");

    let mut member = membership::member(settings, &topic);
    let joined = membership::join(&mut member).await;
    assert_eq!(joined.members.len(), 1);
    member.leave("nothing to do").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_log_in_by_every_mechanism() {
    let Some(kafka) = Kafka::shared().await else {
        return;
    };
    for (mechanism, module) in [
        ("PLAIN", PLAIN),
        ("SCRAM-SHA-256", SCRAM),
        ("SCRAM-SHA-512", SCRAM),
    ] {
        let login = login(module, "alice-secret");
        let given = [
            ("sasl.jaas.config", login.as_str()),
            ("sasl.mechanism", mechanism),
        ];
        check_round_trip(&settings(kafka, Listener::Password, &given)).await;

        let trusted = path("trust.p12");
        let stores = [
            ("ssl.truststore.location", trusted.as_str()),
            ("ssl.truststore.password", "storepass"),
            ("ssl.truststore.type", "PKCS12"),
        ];
        let given = [&given[..], &stores].concat();
        check_round_trip(&settings(kafka, Listener::EncryptedPassword, &given)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_show_certificates_out_of_stores_of_every_type() {
    let Some(kafka) = Kafka::shared().await else {
        return;
    };
    let (jks, p12) = (path("trust.jks"), path("trust.p12"));
    let text = std::fs::read_to_string(store("trust.pem")).unwrap();
    let folded = text.replace('\n', " ");
    let trusted: [&[(&str, &str)]; 3] = [
        &[
            ("ssl.truststore.location", &jks),
            ("ssl.truststore.password", "storepass"),
        ],
        // Java takes one type for the other as well.
        &[
            ("ssl.truststore.location", &p12),
            ("ssl.truststore.password", "storepass"),
        ],
        &[
            ("ssl.truststore.certificates", &folded),
            ("ssl.truststore.type", "PEM"),
        ],
    ];
    let (p12, pem) = (path("client.p12"), path("client.pem"));
    let own: [&[(&str, &str)]; 2] = [
        &[
            ("ssl.keystore.location", &p12),
            ("ssl.keystore.password", "storepass"),
            ("ssl.keystore.type", "PKCS12"),
        ],
        &[
            ("ssl.key.password", "keypass"),
            ("ssl.keystore.location", &pem),
            ("ssl.keystore.type", "PEM"),
        ],
    ];
    for (trusted, own) in [
        (trusted[0], own[0]),
        (trusted[1], own[1]),
        (trusted[2], own[0]),
    ] {
        let given = [trusted, own].concat();
        check_round_trip(&settings(kafka, Listener::Certificate, &given)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_an_error_and_no_wait() {
    let Some(kafka) = Kafka::shared().await else {
        return;
    };
    let login = login(PLAIN, "wrong");
    let given = [
        ("group.id", "secured"),
        ("sasl.jaas.config", login.as_str()),
        ("sasl.mechanism", "PLAIN"),
    ];
    let settings = settings(kafka, Listener::Password, &given);
    let mut consumer = Consumer::new(&settings).unwrap();
    consumer.subscribe(&["secured"]).unwrap();

    let error = eventually(LIMIT, "the error", async || {
        match consumer.poll(POLL).await {
            Ok(polled) => Err(polled),
            Err(error) => Ok(error),
        }
    });

    let error = error.await;
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert!(!error.is_retriable());
    check_no_member(
        &settings,
        "the coordinator cannot be found: Authentication failed",
    )
    .await;
}

/// Nobody becomes a member like this, and nobody tries for long.
async fn check_no_member(settings: &ClientSettings, expected: &str) {
    let mut member = membership::member(settings, "secured");

    let error = member
        .join(&membership::offers("me"), "")
        .await
        .unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert!(error.to_string().starts_with(expected), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_do_not_wait_for_another_password() {
    let Some(kafka) = Kafka::shared().await else {
        return;
    };
    let login = login(SCRAM, "wrong");
    let given = [
        ("delivery.timeout.ms", "2147483647"),
        ("sasl.jaas.config", login.as_str()),
        ("sasl.mechanism", "SCRAM-SHA-256"),
    ];
    let mut producer = Producer::new(&settings(kafka, Listener::Password, &given)).unwrap();
    let record = OutgoingRecord {
        topic: "secured",
        partition: None,
        key: None,
        value: Some(b"value"),
        headers: &[],
        timestamp: None,
    };
    assert_eq!(producer.send([record, record]), 2);

    producer.flush(LIMIT).await.unwrap();

    let mut acks = Vec::new();
    producer.try_acks(&mut acks);
    let errors = acks.iter().map(|it| it.result.as_ref().unwrap_err().kind());
    assert_eq!(errors.collect::<Vec<_>>(), [ErrorKind::Authentication]);
    assert_eq!((acks[0].first, acks[0].end), (0, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_nobody_vouches_for_is_named_with_the_reason() {
    let Some(kafka) = Kafka::shared().await else {
        return;
    };
    let (trusted, own) = (path("clients.p12"), path("client.p12"));
    let given = [
        ("ssl.keystore.location", own.as_str()),
        ("ssl.keystore.password", "storepass"),
        ("ssl.truststore.location", trusted.as_str()),
        ("ssl.truststore.password", "storepass"),
    ];
    let settings = settings(kafka, Listener::Certificate, &given);
    let admin = Admin::new(&settings).unwrap();

    let error = admin
        .describe_cluster(Duration::from_secs(3))
        .await
        .unwrap_err();

    let text = error.to_string();
    assert!(
        text.contains(&kafka.listener(Listener::Certificate)),
        "{text}"
    );
    assert!(text.contains("certificate verify failed"), "{text}");
    let address = kafka.listener(Listener::Certificate);
    let expected = format!(
        "the coordinator cannot be found: {address}: invalid peer certificate: UnknownIssuer"
    );
    check_no_member(&settings, &expected).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_without_a_certificate_is_refused() {
    let Some(kafka) = Kafka::shared().await else {
        return;
    };
    let trusted = path("trust.p12");
    let given = [
        ("ssl.truststore.location", trusted.as_str()),
        ("ssl.truststore.password", "storepass"),
    ];
    let settings = settings(kafka, Listener::Certificate, &given);
    let address = kafka.listener(Listener::Certificate);

    let expected = format!("the coordinator cannot be found: {address}: received fatal alert");
    check_no_member(&settings, &expected).await;
}
