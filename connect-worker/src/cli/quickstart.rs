//! `connect-worker` without a command: shows a worker at work, with no Kafka anywhere.
//!
//! Everything happens in one folder, with the files of `examples/quickstart`. Files that are there
//! already are used as they are, so that users can change them and run the command again.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::failure::{Exit, Failure};
use super::launch::Launched;
use super::signals::Signals;
use super::{block_on, logging};
use crate::config::properties;
use crate::config::worker::Membership;
use crate::log_levels::LogLevels;

const FOLDER: &str = "connect-quickstart";
const BROKER_FOLDER: &str = "broker";
const LOG: &str = "worker.log";
const WORKER: &str = "worker.properties";
const CONNECTORS: [&str; 2] = ["file-source.properties", "file-sink.properties"];
const ORIGINAL: &str = "orders.txt";
const COPY: &str = "orders-copy.txt";

const FILES: [(&str, &str); 4] = [
    (
        WORKER,
        include_str!("../../../examples/quickstart/worker.properties"),
    ),
    (
        CONNECTORS[0],
        include_str!("../../../examples/quickstart/file-source.properties"),
    ),
    (
        CONNECTORS[1],
        include_str!("../../../examples/quickstart/file-sink.properties"),
    ),
    (
        ORIGINAL,
        include_str!("../../../examples/quickstart/orders.txt"),
    ),
];

/// Longest wait for the lines; it takes much less than a second.
const COPY_LIMIT: Duration = Duration::from_secs(30);

pub(super) fn run(levels: LogLevels, format: logging::Format) -> Result<Exit, Failure> {
    let folder = enter_folder().map_err(|error| {
        Failure::setup(&error).about(format_args!("cannot prepare the folder {FOLDER}"))
    })?;
    let log = std::fs::File::create(LOG);
    let log = log.map_err(|error| Failure::setup(&error).about(format_args!("{FOLDER}/{LOG}")))?;
    logging::to_file(levels.clone(), format, log);
    let settings = properties::read(Path::new(WORKER)).map_err(|error| Failure::setup(&error))?;

    block_on(async {
        let mut signals = Signals::catch()?;
        let worker = Launched::start(
            Membership::Alone,
            settings,
            levels,
            Some(Path::new(BROKER_FOLDER)),
        );
        let worker = tokio::select! {
            launched = worker => launched.map_err(|it| it.about(folder.join(WORKER).display()))?,
            _ = signals.next() => return Ok(Exit::Done),
        };
        let outcome = tokio::select! {
            shown = show(&worker, &folder) => match shown {
                Ok(()) => {
                    signals.next().await;
                    Ok(Exit::Done)
                }
                Err(failure) => Err(failure),
            },
            // The way out that users are told of is no failure.
            _ = signals.next() => Ok(Exit::Done),
        };
        worker.stop(&mut signals).await;
        outcome
    })
}

/// Goes to the folder, so that relative names in its files are those of files in it.
fn enter_folder() -> io::Result<PathBuf> {
    std::fs::create_dir_all(FOLDER)?;
    std::env::set_current_dir(FOLDER)?;
    for (name, content) in FILES {
        match std::fs::File::create_new(name) {
            Ok(mut file) => file.write_all(content.as_bytes())?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    std::env::current_dir()
}

/// Creates the connectors, waits for what they do, and tells it.
async fn show(worker: &Launched, folder: &Path) -> Result<(), Failure> {
    let start = Instant::now();
    worker.create(&CONNECTORS.map(PathBuf::from)).await?;
    let original = tokio::fs::read(ORIGINAL).await;
    let original = original.map_err(|error| Failure::setup(&error).about(ORIGINAL))?;
    let lines = original.iter().filter(|byte| **byte == b'\n').count();
    let complete = original
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let arrived = tokio::time::timeout(COPY_LIMIT, copied(complete)).await;

    let outcome = match arrived {
        Ok(()) => format!(
            "All {lines} lines of {ORIGINAL} are in {COPY} ({} ms after the connectors were \
             created).",
            start.elapsed().as_millis()
        ),
        Err(_) => format!(
            "Not all of the {lines} lines of {ORIGINAL} have arrived in {COPY} yet. What the \
             connectors do is told by the address below and by {LOG}."
        ),
    };
    let (url, bootstrap) = (worker.url(), worker.bootstrap());
    let place = folder.display();
    let text = format!(
        "\
A Kafka broker, a Connect worker and two connectors run in this process.
Their files are in {place}:

  {ORIGINAL}        is read, line by line, by the connector `orders-source`
  topic `orders`    holds the lines, in the broker at {bootstrap}
  {COPY}   is written by the connector `orders-sink`

{outcome}

Append a line, and see it arrive in less than a second:
  echo 'order 6: one pear' >> {place}/{ORIGINAL}
  tail -n 1 {place}/{COPY}

Ask the worker what it does:
  curl '{url}connectors?expand=status'

Change the .properties files there as you like; the log is {LOG}.
Ctrl-C stops everything. The same command goes on where it stopped.
"
    );
    // The worker works on when nobody reads this.
    let _ = io::stdout().write_all(text.as_bytes());
    Ok(())
}

/// Waits until the copy has at least this many bytes.
async fn copied(length: usize) {
    let mut looks = tokio::time::interval(Duration::from_millis(10));
    loop {
        looks.tick().await;
        let present = tokio::fs::metadata(COPY).await.map_or(0, |it| it.len());
        if usize::try_from(present).is_ok_and(|present| present >= length) {
            return;
        }
    }
}
