//! Groups over the wire.

use std::time::Duration;

use embedded_broker::{Broker, BrokerConfig};
use kafka_protocol::messages::{JoinGroupRequest, JoinGroupResponse};

use crate::client::{Client, join_request};

const MEMBER_ID_REQUIRED: i16 = 79;
const REBALANCE_IN_PROGRESS: i16 = 27;

async fn broker(dir: &std::path::Path) -> Broker {
    let config = BrokerConfig::new(dir).min_session_timeout(Duration::from_millis(100));
    Broker::start(config).await.unwrap()
}

/// Joins with the id that the broker gives at the first try.
async fn join(client: &mut Client, group: &str) -> JoinGroupResponse {
    let sent_back = client.join(group, "").await;
    assert_eq!(sent_back.error_code, MEMBER_ID_REQUIRED);
    client.join(group, &sent_back.member_id).await
}

#[tokio::test]
async fn members_share_the_work_and_take_over_from_one_that_falls_silent() {
    let dir = tempfile::tempdir().unwrap();
    let broker = broker(dir.path()).await;
    let mut one = Client::connect(broker.local_addr()).await;
    let mut two = Client::connect(broker.local_addr()).await;

    let joined = join(&mut one, "group").await;
    assert_eq!((joined.error_code, joined.generation_id), (0, 1));
    let first = joined.member_id.clone();
    let synced = one.sync("group", &joined, &[(&first, "all")]).await;
    assert_eq!(synced.assignment, "all");
    assert_eq!(one.beat("group", &joined).await, 0);

    let second = two.join("group", "").await.member_id;
    two.send(7, &join_request("group", &second)).await;
    while one.beat("group", &joined).await != REBALANCE_IN_PROGRESS {
        tokio::task::yield_now().await;
    }
    let led = one.join("group", &first).await;
    let followed = two.receive::<JoinGroupRequest>(7).await;
    assert_eq!(led.members.len(), 2);
    assert_eq!((led.generation_id, followed.generation_id), (2, 2));
    one.sync("group", &led, &[(&first, "left"), (&second, "right")])
        .await;
    let synced = two.sync("group", &followed, &[]).await;
    assert_eq!(synced.assignment, "right");

    // The second member says nothing any more.
    while one.beat("group", &led).await != REBALANCE_IN_PROGRESS {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let alone = one.join("group", &first).await;
    assert_eq!((alone.generation_id, alone.members.len()), (3, 1));
}

#[tokio::test]
async fn commits_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let running = broker(dir.path()).await;
    let mut client = Client::connect(running.local_addr()).await;
    client.create("orders", &[]).await;
    assert_eq!(client.commit("group", "orders", 41).await, 0);
    assert_eq!(client.commit("group", "orders", 42).await, 0);
    assert_eq!(client.committed("group", "orders").await, 42);
    drop(running);

    let running = broker(dir.path()).await;
    let mut client = Client::connect(running.local_addr()).await;

    assert_eq!(client.committed("group", "orders").await, 42);
    assert_eq!(client.committed("other", "orders").await, -1);
}
