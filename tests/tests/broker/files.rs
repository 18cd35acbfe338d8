//! What happens to records with time: compaction and retention.

use connect_tests::eventually::eventually;
use connect_tests::raw::RawClient;

use crate::bench::{Bench, LIMIT, conformance};
use crate::requests::{
    EARLIEST, NOBODY, UNCOMMITTED, Writer, batch, batch_of, init_producer, now, offset_at, produce,
    read_all, record, try_produce,
};

conformance!(
    of_every_key_the_newest_record_stays,
    deletions_go_after_a_while,
    a_producer_is_known_after_its_records_were_compacted,
    old_records_go,
    what_is_too_much_goes,
);

const COMPACTED: [(&str, &str); 4] = [
    ("cleanup.policy", "compact"),
    ("min.cleanable.dirty.ratio", "0.001"),
    ("segment.ms", "100"),
    ("delete.retention.ms", "0"),
];

async fn put(client: &mut RawClient, topic: &str, key: &str, value: Option<&str>) {
    produce(
        client,
        topic,
        batch_of(vec![record(Some(key), value)], NOBODY, false),
    )
    .await;
}

/// Writes on, so that segments are sealed, until the records besides those are as expected.
async fn wait_for(client: &mut RawClient, topic: &str, expected: &[(&str, Option<&str>)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|it| (Some(it.0.to_owned()), it.1.map(str::to_owned)))
        .collect();
    eventually(LIMIT, "compaction", async || {
        put(client, topic, "filler", Some("x")).await;
        let all = read_all(client, topic).await.into_iter();
        let mut left: Vec<_> = all.map(|it| (it.1, it.2)).collect();
        left.retain(|it| it.0.as_deref() != Some("filler"));
        (left == expected).then_some(()).ok_or(left)
    })
    .await;
}

async fn of_every_key_the_newest_record_stays(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&COMPACTED).await;
    for (key, value) in [("a", "1"), ("b", "1"), ("a", "2"), ("c", "1"), ("a", "3")] {
        put(&mut client, &topic, key, Some(value)).await;
    }

    let left = [("b", Some("1")), ("c", Some("1")), ("a", Some("3"))];
    wait_for(&mut client, &topic, &left).await;

    let first = read_all(&mut client, &topic).await.remove(0);
    assert_eq!(first.0, 1, "offsets stay");
    let start = offset_at(&mut client, (&topic, 0), EARLIEST, UNCOMMITTED).await;
    assert_eq!(start, Ok((0, -1)));
}

async fn deletions_go_after_a_while(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&COMPACTED).await;
    put(&mut client, &topic, "a", Some("1")).await;
    put(&mut client, &topic, "b", Some("1")).await;
    put(&mut client, &topic, "a", None).await;

    wait_for(&mut client, &topic, &[("b", Some("1"))]).await;
}

async fn a_producer_is_known_after_its_records_were_compacted(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&COMPACTED).await;
    let id = init_producer(&mut client, None, 1_000).await.producer_id.0;
    let batch = batch_of(vec![record(Some("a"), Some("1"))], Writer(id, 0, 0), false);
    let stored = produce(&mut client, &topic, batch.clone()).await;
    put(&mut client, &topic, "a", Some("2")).await;
    wait_for(&mut client, &topic, &[("a", Some("2"))]).await;

    let again = try_produce(&mut client, &topic, batch).await;

    assert_eq!((again.error_code, again.base_offset), (0, stored));
}

async fn old_records_go(bench: Bench) {
    let settings = [("retention.ms", "1000"), ("segment.ms", "100")];
    let (mut client, topic) = bench.with_topic(&settings).await;
    let mut old = record(None, Some("old"));
    old.timestamp = now() - 100_000;
    produce(&mut client, &topic, batch_of(vec![old], NOBODY, false)).await;

    eventually(LIMIT, "retention", async || {
        let start = offset_at(&mut client, (&topic, 0), EARLIEST, UNCOMMITTED).await;
        (start == Ok((1, -1))).then_some(()).ok_or(start)
    })
    .await;

    assert_eq!(produce(&mut client, &topic, batch(&["new"])).await, 1);
}

async fn what_is_too_much_goes(bench: Bench) {
    let settings = [("retention.bytes", "1500000"), ("segment.bytes", "1048576")];
    let (mut client, topic) = bench.with_topic(&settings).await;
    let value = "x".repeat(500_000);
    for _ in 0..10 {
        produce(&mut client, &topic, batch(&[&value])).await;
    }

    eventually(LIMIT, "retention", async || {
        let start = offset_at(&mut client, (&topic, 0), EARLIEST, UNCOMMITTED).await;
        match start {
            Ok((offset @ 4..=7, _)) => Ok(offset),
            other => Err(other),
        }
    })
    .await;
}
