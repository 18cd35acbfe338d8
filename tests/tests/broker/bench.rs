//! What every check starts from: a broker that is ready, connections to it, and names of its own.

use std::time::Duration;

use connect_tests::broker::{BrokerKind, TestBroker};
use connect_tests::eventually::eventually;
use connect_tests::raw::RawClient;
use kafka_protocol::messages::{
    FindCoordinatorRequest, GroupId, InitProducerIdRequest, OffsetFetchRequest, ProducerId,
    TransactionalId,
};
use rand::distr::{Alphanumeric, SampleString as _};

use crate::requests::text;

/// For whatever takes a broker its time.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Makes two tests of each check, one for each broker: `check::embedded` and `check::kafka`.
macro_rules! conformance {
    ($($check:ident),+ $(,)?) => {
        connect_tests::for_each_broker!(crate::bench::run, $($check),+);
    };
}
pub(crate) use conformance;

/// Runs a check against a broker of this kind, if there is one on this machine.
pub(crate) async fn run(kind: BrokerKind, check: impl AsyncFnOnce(Bench)) {
    if let Some(broker) = TestBroker::start(kind).await {
        let bench = Bench {
            broker,
            suffix: Alphanumeric.sample_string(&mut rand::rng(), 10),
        };
        bench.wait_for_coordinators().await;
        check(bench).await;
    }
}

/// The surroundings of one check; nothing in it is shared with another one but the real broker.
#[derive(Debug)]
pub(crate) struct Bench {
    broker: TestBroker,
    suffix: String,
}

impl Bench {
    /// `host:port` of the broker.
    pub(crate) fn bootstrap(&self) -> &str {
        self.broker.bootstrap()
    }

    /// A name that no other check uses, for a topic, a group or a transactional id.
    pub(crate) fn name(&self, stem: &str) -> String {
        format!("{stem}-{}", self.suffix)
    }

    /// A new connection.
    pub(crate) async fn client(&self) -> RawClient {
        RawClient::connect(self.bootstrap()).await
    }

    /// A connection, and a topic of one partition.
    pub(crate) async fn with_topic(&self, configs: &[(&str, &str)]) -> (RawClient, String) {
        let mut client = self.client().await;
        let topic = self.name("topic");
        crate::requests::create(&mut client, &topic, 1, configs).await;
        (client, topic)
    }

    /// The coordinators of a new cluster are there only after somebody has asked for them.
    async fn wait_for_coordinators(&self) {
        let mut client = self.client().await;
        eventually(LIMIT, "coordinators", async || {
            for key_type in [0, 1] {
                let request = FindCoordinatorRequest::default()
                    .with_key_type(key_type)
                    .with_coordinator_keys(vec![text(&self.name("first"))]);
                let response = client.call(4, &request).await;
                let code = response.coordinators[0].error_code;
                (code == 0).then_some(()).ok_or(code)?;
            }
            let request = OffsetFetchRequest::default()
                .with_group_id(GroupId(text(&self.name("first"))))
                .with_topics(None);
            let code = client.call(7, &request).await.error_code;
            (code == 0).then_some(()).ok_or(code)?;
            let request = InitProducerIdRequest::default()
                .with_transactional_id(Some(TransactionalId(text(&self.name("first")))))
                .with_transaction_timeout_ms(1_000)
                .with_producer_id(ProducerId(-1))
                .with_producer_epoch(-1);
            let code = client.call(4, &request).await.error_code;
            (code == 0).then_some(()).ok_or(code)
        })
        .await;
    }
}
