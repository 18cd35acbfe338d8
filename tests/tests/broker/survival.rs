//! What the embedded broker promises besides: whatever was acknowledged survives `kill -9` under load, and so do
//! transactions, as a whole or not at all. Between two lives the ends of its files are torn.
//!
//! `CONNECT_ROUNDS` says how often it is killed, `CONNECT_SEED` repeats a run, `CONNECT_BULK_MIB` writes so much before,
//! and then a start may take a second at most.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use connect_kafka::{
    Admin, ClientSettings, Consumer, Isolation, Polled, StartOffset, TopicPartition,
};
use connect_tests::broker::BrokerProcess;
use connect_tests::eventually::eventually;
use connect_tests::process::Signal;
use connect_tests::raw::RawClient;
use kafka_protocol::messages::fetch_response::AbortedTransaction;
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};

use crate::offsets::committed;
use crate::requests::{
    COMMITTED, HEADER_LEN, Writer, all_records, batch_by, create, fetch, init_producer,
    next_offset, produce, produce_request, read_all,
};
use crate::transactions::Transactional;

const ROUNDS: usize = 5;
const LIFE_MILLIS: std::ops::Range<u64> = 30..500;
const PLAIN: &str = "plain";
const PAIR: [&str; 2] = ["left", "right"];
const GROUP: &str = "group";

/// What was acknowledged.
#[derive(Default)]
struct Truth {
    /// The idempotent producer, whose next sequence number is the next value and the next offset.
    plain: Option<Writer>,
    /// The values that were given to transactions, and how these ended, as far as that was said.
    transactions: BTreeMap<i64, Option<bool>>,
}

impl Truth {
    fn written(&self) -> i64 {
        self.plain.map_or(0, |it| i64::from(it.2))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_records_and_whole_transactions_survive_kills_and_torn_ends() {
    let mut rng = StdRng::seed_from_u64(number_of("CONNECT_SEED").unwrap_or_else(rand::random));
    let rounds = number_of("CONNECT_ROUNDS").map_or(ROUNDS, |it| it.try_into().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let broker = BrokerProcess::new(dir.path());
    let bootstrap = broker.bootstrap();
    let mut running = broker.start().await;
    let mut client = RawClient::connect(&bootstrap).await;
    for topic in [PLAIN, PAIR[0], PAIR[1]] {
        create(&mut client, topic, 1, &[]).await;
    }
    let bulk = number_of("CONNECT_BULK_MIB").unwrap_or(0);
    write_bulk(&mut client, bulk).await;

    let mut truth = Truth::default();
    let mut slowest = Duration::ZERO;
    for round in 0..rounds {
        let life = Duration::from_millis(rng.random_range(LIFE_MILLIS));
        // The time is the life of the broker, which ends in the middle of everything.
        let _ended = tokio::time::timeout(life, load(&bootstrap, &mut truth, round)).await;
        running.kill();
        tear_files(&broker.data(), truth.written(), &mut rng);
        let started = Instant::now();
        running = broker.start().await;
        slowest = slowest.max(started.elapsed());
        check(&bootstrap, &truth).await;
    }
    assert!(
        truth.written() > 0,
        "nothing was written in {rounds} rounds"
    );
    assert!(bulk == 0 || slowest < Duration::from_secs(1), "{slowest:?}");
    println!(
        "{rounds} kills: {} records, {} transactions, slowest start {slowest:?}",
        truth.written(),
        truth.transactions.len()
    );
}

/// A request whose connection breaks is not answered any more, and the library gives it up at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_under_way_are_asked_again_when_the_broker_is_back() {
    let dir = tempfile::tempdir().unwrap();
    let broker = BrokerProcess::new(dir.path());
    let mut running = broker.start().await;
    let mut client = RawClient::connect(&broker.bootstrap()).await;
    create(&mut client, PLAIN, 1, &[]).await;
    let own = [
        ("bootstrap.servers", broker.bootstrap()),
        ("group.id", GROUP.to_owned()),
    ];
    let settings = ClientSettings::from_iter(own);
    let consumer = Consumer::new(&settings).unwrap();
    let admin = Admin::new(&settings).unwrap();
    let (limit, partition) = (Duration::from_secs(60), [TopicPartition::new(PLAIN, 0)]);
    // Connections to broker and coordinator are there when it hangs.
    consumer.committed(&partition, limit).await.unwrap();
    consumer.position(&partition, limit).await.unwrap();
    admin.group_offsets(GROUP, limit).await.unwrap();
    let ends = [(partition[0].clone(), StartOffset::Latest)];
    let level = Isolation::ReadUncommitted;
    admin.list_offsets(&ends, level, limit).await.unwrap();

    running.signal(Signal::Stop);
    let (committed, positions, group, ends, ()) = tokio::join!(
        consumer.committed(&partition, limit),
        consumer.position(&partition, limit),
        admin.group_offsets(GROUP, limit),
        admin.list_offsets(&ends, level, limit),
        async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            running.kill();
            running = broker.start().await;
        }
    );

    assert_eq!(committed.unwrap(), []);
    assert_eq!(positions.unwrap(), [(partition[0].clone(), 0)]);
    assert_eq!(group.unwrap(), []);
    assert_eq!(ends.unwrap(), [(partition[0].clone(), Ok(0))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn topics_of_a_pattern_are_found_when_the_broker_is_back() {
    let dir = tempfile::tempdir().unwrap();
    let broker = BrokerProcess::new(dir.path());
    let mut running = broker.start().await;
    let own = [
        ("bootstrap.servers", broker.bootstrap()),
        ("group.id", GROUP.to_owned()),
        ("metadata.max.age.ms", "500".to_owned()),
        ("session.timeout.ms", "6000".to_owned()),
    ];
    let mut consumer = Consumer::new(&ClientSettings::from_iter(own)).unwrap();
    consumer.subscribe_pattern("p.*").unwrap();
    let nothing = consumer.poll(Duration::from_secs(1)).await.unwrap();
    assert!(matches!(nothing, Polled::Nothing), "{nothing:?}");

    running.kill();
    let nothing = consumer.poll(Duration::from_secs(1)).await.unwrap();
    assert!(matches!(nothing, Polled::Nothing), "{nothing:?}");
    running = broker.start().await;
    let mut client = RawClient::connect(&broker.bootstrap()).await;
    create(&mut client, PLAIN, 1, &[]).await;

    eventually(Duration::from_secs(60), "an assignment", async || {
        let polled = consumer.poll(Duration::from_secs(1)).await.unwrap();
        match polled {
            Polled::Assigned(partitions) => Ok(partitions),
            other => Err(other),
        }
    })
    .await;
    running.kill();
}

fn number_of(variable: &str) -> Option<u64> {
    let number = std::env::var_os(variable)?.to_str()?.parse().ok();
    println!("{variable}={number:?}");
    number
}

/// Large batches in eight partitions.
async fn write_bulk(client: &mut RawClient, mebibytes: u64) {
    if mebibytes == 0 {
        return;
    }
    create(client, "bulk", 8, &[]).await;
    let values = vec!["x".repeat(1_000); 1_000];
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let batch = batch_by(crate::requests::NOBODY, &values);
    for index in 0..mebibytes {
        let mut request = produce_request("bulk", batch.clone());
        let partition = &mut request.topic_data[0].partition_data[0];
        partition.index = i32::try_from(index % 8).unwrap();
        let response = client.call(9, &request).await;
        assert_eq!(response.responses[0].partition_responses[0].error_code, 0);
    }
}

async fn load(bootstrap: &str, truth: &mut Truth, round: usize) {
    let Truth {
        plain,
        transactions,
    } = truth;
    let first = i64::try_from(round).unwrap() * 1_000_000;
    tokio::join!(
        write_plain(bootstrap, plain),
        write_transactions(bootstrap, transactions, first)
    );
}

/// Writes numbers. The one that was not acknowledged before the last kill comes again.
async fn write_plain(bootstrap: &str, writer: &mut Option<Writer>) {
    let mut client = RawClient::connect(bootstrap).await;
    let mut next = match *writer {
        Some(writer) => writer,
        None => Writer(
            init_producer(&mut client, None, 1_000).await.producer_id.0,
            0,
            0,
        ),
    };
    loop {
        let batch = batch_by(next, &[&next.2.to_string()]);
        let offset = produce(&mut client, PLAIN, batch).await;
        assert_eq!(
            offset,
            i64::from(next.2),
            "stored twice, or another is lost"
        );
        next.2 += 1;
        *writer = Some(next);
    }
}

/// Writes the same value to both topics and as an offset, in one transaction; every third is aborted.
async fn write_transactions(bootstrap: &str, known: &mut BTreeMap<i64, Option<bool>>, first: i64) {
    let mut writer = Transactional::start(bootstrap, "pair", 60_000).await;
    let mut sequences = [0, 0];
    for value in first.. {
        known.insert(value, None);
        for (topic, sequence) in PAIR.iter().zip(&mut sequences) {
            assert_eq!(writer.add(topic).await, 0);
            writer.writer.2 = *sequence;
            assert_eq!(writer.write(topic, &value.to_string()).await, 0);
            *sequence += 1;
        }
        assert_eq!(writer.commit_offset(GROUP, PLAIN, value).await, 0);
        let commits = value % 3 != 2;
        assert_eq!(writer.end(commits).await, 0);
        known.insert(value, Some(commits));
    }
}

async fn check(bootstrap: &str, truth: &Truth) {
    let mut client = RawClient::connect(bootstrap).await;
    let plain = read_all(&mut client, PLAIN).await;
    let values = plain.iter().map(|it| it.2.as_deref().unwrap());
    for (index, value) in values.enumerate() {
        assert_eq!(value, index.to_string(), "in order, none twice");
    }
    assert!(
        plain.len() as i64 >= truth.written(),
        "acknowledged and lost"
    );

    let left = read_committed(&mut client, PAIR[0]).await;
    let right = read_committed(&mut client, PAIR[1]).await;
    assert_eq!(left, right, "half of a transaction");
    for (value, ended) in &truth.transactions {
        if let Some(committed) = ended {
            assert_eq!(left.contains(value), *committed, "{value}");
        }
    }
    let offset = committed(&mut client, GROUP, PLAIN, false).await;
    assert_eq!(offset, Ok(left.last().copied().unwrap_or(-1)));
}

/// The values of committed transactions, as a careful reader finds them.
async fn read_committed(client: &mut RawClient, topic: &str) -> Vec<i64> {
    let mut values = Vec::new();
    let mut offset = 0;
    loop {
        let data = fetch(client, topic, offset, COMMITTED).await;
        let mut aborted = data.aborted_transactions.clone().unwrap_or_default();
        aborted.sort_by_key(|it| it.first_offset);
        let mut open: Vec<AbortedTransaction> = Vec::new();
        for record in all_records(&data) {
            while aborted
                .first()
                .is_some_and(|it| it.first_offset <= record.offset)
            {
                open.push(aborted.remove(0));
            }
            let is_of_producer = |it: &AbortedTransaction| it.producer_id.0 == record.producer_id;
            if record.control {
                open.retain(|it| !is_of_producer(it));
            } else if !open.iter().any(is_of_producer) && record.offset >= offset {
                let value = String::from_utf8(record.value.unwrap().to_vec()).unwrap();
                values.push(value.parse().unwrap());
            }
        }
        match next_offset(&data) {
            Some(next) => offset = next,
            None => return values,
        }
    }
}

/// Does to the ends of files what a crash can do: nothing that was acknowledged goes.
fn tear_files(data: &Path, written: i64, rng: &mut StdRng) {
    for topic in [PLAIN, PAIR[0], PAIR[1]] {
        let Some(segment) = last_segment(&data.join(format!("topics/{topic}-0"))) else {
            continue;
        };
        let bytes = fs::read(&segment).unwrap();
        let (acknowledged, next) = walk(&bytes, written);
        let file = OpenOptions::new().append(true).open(&segment).unwrap();
        if topic == PLAIN && acknowledged < bytes.len() && rng.random() {
            let length = rng.random_range(acknowledged..bytes.len());
            file.set_len(length as u64).unwrap();
        } else if rng.random() {
            append_rubbish(file, &bytes, next, rng);
        }
    }
    for journal in ["catalogue", "offsets", "transactions"] {
        if rng.random() {
            let path = data.join(journal);
            let mut file = OpenOptions::new().append(true).open(path).unwrap();
            let half: &[u8] = b"0badc0de {\"added\":{\"id\":\"pair\",\"part";
            file.write_all(&half[..rng.random_range(1..half.len())])
                .unwrap();
        }
    }
}

/// Where the batch behind the acknowledged offsets begins, and the offset behind the last batch.
fn walk(bytes: &[u8], written: i64) -> (usize, i64) {
    let (mut at, mut acknowledged, mut next) = (0, 0, 0);
    while let Some(header) = bytes.get(at..at + HEADER_LEN) {
        let base = i64::from_be_bytes(header[..8].try_into().unwrap());
        let length = u32::from_be_bytes(header[8..12].try_into().unwrap()) as usize;
        let last = i32::from_be_bytes(header[23..27].try_into().unwrap());
        if at + 12 + length > bytes.len() {
            break;
        }
        at += 12 + length;
        next = base + i64::from(last) + 1;
        if next <= written {
            acknowledged = at;
        }
    }
    (acknowledged, next)
}

fn append_rubbish(mut file: fs::File, bytes: &[u8], next: i64, rng: &mut StdRng) {
    // A file may end in half a batch already, of which nobody knows what it was to become.
    let mut rubbish = vec![0; rng.random_range(1..3_000)];
    match rng.random_range(0..3) {
        0 => {}
        1 => rng.fill_bytes(&mut rubbish),
        _ if bytes.len() > HEADER_LEN => {
            // The next batch, all of its bytes there and one of them wrong, or a part of it.
            let length = u32::from_be_bytes(bytes[8..12].try_into().unwrap()) as usize;
            let mut batch = bytes[..(12 + length).min(bytes.len())].to_vec();
            batch[..8].copy_from_slice(&next.to_be_bytes());
            let wrong = batch.len() - 1;
            batch[wrong] ^= 0x55;
            let whole = rng.random::<bool>();
            let part = rng.random_range(1..batch.len());
            batch.truncate(if whole { batch.len() } else { part });
            rubbish = batch;
        }
        _ => {}
    }
    file.write_all(&rubbish).unwrap();
}

fn last_segment(dir: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(dir).ok()?;
    let paths = entries.map(|it| it.unwrap().path());
    let mut segments: Vec<PathBuf> = paths
        .filter(|it| it.extension().is_some_and(|it| it == "log"))
        .collect();
    segments.sort();
    segments.pop()
}
