//! The quick start: the worker without arguments, in an empty folder, without a Kafka anywhere.

use std::path::Path;
use std::time::Duration;

use connect_tests::lines::{append, wait_for_text};
use connect_tests::process::{Process, Signal};
use connect_tests::rest::Rest;
use connect_tests::worker::command;
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(60);
/// Where it puts everything.
const FOLDER: &str = "connect-quickstart";
const SETTINGS: &str = include_str!("../../../examples/quickstart/worker.properties");
const ORDERS: &str = include_str!("../../../examples/quickstart/orders.txt");

#[tokio::test]
async fn the_quick_start_moves_lines_and_says_so() {
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join(FOLDER);
    // As it is, but for the port: somebody else may be using it on this machine.
    std::fs::create_dir(&folder).unwrap();
    let settings = format!("{SETTINGS}\nlisteners=http://127.0.0.1:0\n");
    std::fs::write(folder.join("worker.properties"), settings).unwrap();
    let (original, copy) = (folder.join("orders.txt"), folder.join("orders-copy.txt"));

    let mut running = quick_start(dir.path());
    let url = told_url(&mut running).await;

    wait_for_text(LIMIT, &copy, ORDERS).await;
    let told = running.log();
    for place in [
        folder.to_str().unwrap(),
        "orders.txt",
        "orders-copy.txt",
        "topic `orders`",
    ] {
        assert!(told.contains(place), "no {place} in:\n{told}");
    }
    let rest = Rest::new(&url);
    for connector in ["orders-source", "orders-sink"] {
        rest.wait_running(connector, 1).await;
    }

    append(&original, "order 6: one pear\n");
    let expected = format!("{ORDERS}order 6: one pear\n");
    wait_for_text(LIMIT, &copy, &expected).await;
    running.signal(Signal::Interrupt);
    assert_eq!(running.wait_exit(LIMIT).await, 0);

    // Again, in the same folder: it goes on where it stopped.
    let mut running = quick_start(dir.path());
    append(&original, "order 7: two plums\n");
    wait_for_text(LIMIT, &copy, &format!("{expected}order 7: two plums\n")).await;
    running.signal(Signal::Interrupt);
    assert_eq!(running.wait_exit(LIMIT).await, 0);
}

fn quick_start(dir: &Path) -> Process {
    let mut command = command([""; 0]);
    command.current_dir(dir);
    Process::start("quick start", command, &dir.join("output.log"))
}

/// The address that the user is told to try.
async fn told_url(running: &mut Process) -> String {
    let address = |line: &str| {
        let (_, after) = line.split_once("curl '")?;
        Some(after.split_once("connectors")?.0.to_owned())
    };
    running
        .wait_log(LIMIT, "telling where REST is", address)
        .await
}
