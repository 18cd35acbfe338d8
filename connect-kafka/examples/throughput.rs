//! Measures the clients: records per second and per CPU-second of sending and polling.
//!
//! `cargo run --release -p connect-kafka --example throughput -- HOST:PORT [RECORDS [TOPIC]]`
//!
//! Sends records of 100 bytes without keys, then reads them back. CPU-seconds are those of this process, engine's
//! threads included. Needs Linux.
#![expect(clippy::print_stdout, reason = "an example reports on its output")]

use std::{
    error::Error,
    time::{Duration, Instant},
};

use connect_kafka::{
    ClientSettings, Consumer, FetchedRecord, OutgoingRecord, Polled, Producer, StartOffset,
    TopicPartition,
};

const RECORD_BYTES: usize = 100;
const SLICE: usize = 500;
const LIMIT: Duration = Duration::from_secs(120);
/// Clock ticks per second in `/proc`, the same on all usual machines.
const TICKS: f64 = 100.0;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let bootstrap = args.next().ok_or("the first argument is HOST:PORT")?;
    let records: usize = args.next().map_or(Ok(1_000_000), |it| it.parse())?;
    let topic = args
        .next()
        .unwrap_or_else(|| format!("throughput-{}", std::process::id()));
    println!("idle, before any client: {}", memory()?);

    let started = Usage::now()?;
    send(&bootstrap, &topic, records).await?;
    started.report("sent", records)?;

    let started = Usage::now()?;
    poll(&bootstrap, &topic, records).await?;
    started.report("polled", records)
}

async fn send(bootstrap: &str, topic: &str, records: usize) -> Result<(), Box<dyn Error>> {
    let settings = ClientSettings::from_iter([
        ("bootstrap.servers", bootstrap),
        ("enable.idempotence", "false"),
        ("max.in.flight.requests.per.connection", "1"),
        ("max.block.ms", "9223372036854775807"),
    ]);
    let mut producer = Producer::new(&settings)?;
    let value = [b'x'; RECORD_BYTES];
    let record = OutgoingRecord {
        topic,
        partition: None,
        key: None,
        value: Some(&value),
        headers: &[],
        timestamp: None,
    };
    let slice = vec![record; SLICE];
    let mut acks = Vec::new();
    let mut left = records;
    while left > 0 {
        let sent = producer.send(slice[..left.min(SLICE)].iter().copied());
        left -= sent;
        if sent < SLICE && left > 0 {
            producer.wait_capacity().await?;
        }
        producer.try_acks(&mut acks);
        for ack in acks.drain(..) {
            ack.result?;
        }
    }
    producer.flush(LIMIT).await?;
    println!("producer, all sent: {}", memory()?);
    let (acks, closed) = producer.close(LIMIT).await;
    closed?;
    for ack in acks {
        ack.result?;
    }
    Ok(())
}

async fn poll(bootstrap: &str, topic: &str, records: usize) -> Result<(), Box<dyn Error>> {
    let settings = ClientSettings::from_iter([("bootstrap.servers", bootstrap)]);
    let mut consumer = Consumer::new(&settings)?;
    consumer.assign(&[(TopicPartition::new(topic, 0), StartOffset::Earliest)])?;
    let (mut found, mut batches, mut bytes) = (0, 0, 0);
    let deadline = Instant::now() + LIMIT;
    while found < records && Instant::now() < deadline {
        if let Polled::Records(batch) = consumer.poll(Duration::from_secs(1)).await? {
            bytes += batch
                .iter()
                .filter_map(FetchedRecord::value)
                .map(<[u8]>::len)
                .sum::<usize>();
            found += batch.len();
            batches += 1;
        }
    }
    println!(
        "consumer, all polled in {batches} batches, {bytes} bytes: {}",
        memory()?
    );
    if found < records {
        return Err(format!("only {found} of {records} records arrived").into());
    }
    Ok(consumer.close(LIMIT).await?)
}

/// Time and CPU time at one moment.
struct Usage {
    at: Instant,
    cpu_seconds: f64,
}

impl Usage {
    fn now() -> Result<Self, Box<dyn Error>> {
        let stat = std::fs::read_to_string("/proc/self/stat")?;
        // The name, in parentheses, may contain spaces; user and system time are fields 14 and 15.
        let fields = stat
            .rsplit_once(')')
            .ok_or("/proc/self/stat is not as expected")?
            .1;
        let ticks: Vec<f64> = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            at: Instant::now(),
            cpu_seconds: ticks.iter().sum::<f64>() / TICKS,
        })
    }

    fn report(&self, what: &str, records: usize) -> Result<(), Box<dyn Error>> {
        let seconds = self.at.elapsed().as_secs_f64();
        let cpu_seconds = Self::now()?.cpu_seconds - self.cpu_seconds;
        let millions = u32::try_from(records).map(f64::from)? / 1e6;
        println!(
            "{what} {records} records in {seconds:.2} s, {cpu_seconds:.2} CPU-s: {:.2} M/s, {:.2} M per CPU-s",
            millions / seconds,
            millions / cpu_seconds,
        );
        Ok(())
    }
}

fn memory() -> Result<String, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = |name: &str| {
        status
            .lines()
            .find(|line| line.starts_with(name))
            .map(str::to_owned)
    };
    Ok(line("VmRSS:")
        .ok_or("no VmRSS in /proc/self/status")?
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" "))
}
