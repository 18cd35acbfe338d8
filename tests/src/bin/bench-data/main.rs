//! Times single operations on data beside those of the reference, in the same minute.
//!
//! `./x bench-data [--write]` builds everything in release mode and runs this.
#![expect(clippy::print_stdout, reason = "a command reports on its output")]

mod operations;
mod timing;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ExitCode, Stdio};

use clap::Parser as _;
use connect_tests::kafka::Reference;
use connect_tests::page::{Machine, write_section};
use serde_json::Value as Json;

use operations::Operation;

const COMMAND: &str = "./x bench-data --write";

/// Times single operations on data beside those of the reference.
#[derive(Debug, clap::Parser)]
#[command(name = "./x bench-data")]
struct Options {
    /// Only the operations whose name contains this text.
    #[arg(long, default_value = "")]
    only: String,
    /// Also writes the figures into docs/performance.md.
    #[arg(long)]
    write: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let Some((mut java, _classes)) = Reference::command().await else {
        return ExitCode::FAILURE;
    };
    let mut operations = operations::all();
    operations.retain(|it| it.name.contains(&options.only));

    // Java times an operation while we wait, then we time it: both on a machine that does nothing else.
    let mut child = java
        .arg("bench")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Java starts");
    let requests: Vec<&Json> = operations.iter().map(|it| &it.request).collect();
    let mut input = child.stdin.take().expect("its input is a pipe");
    serde_json::to_writer(&mut input, &requests).expect("it reads");
    input.flush().expect("it reads");
    drop(input);
    let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
    let theirs: Vec<f64> = output
        .lines()
        .map(|line| line.expect("a line").parse().expect("nanoseconds"))
        .collect();
    child.wait().expect("Java ends");
    assert_eq!(theirs.len(), operations.len(), "Java gave up");

    let mut table = String::new();
    writeln!(table, "{}\n", Machine::here()).expect("memory");
    writeln!(
        table,
        "| operation | ns per call | Java's | share | target |"
    )
    .expect("memory");
    writeln!(table, "| --- | --- | --- | --- | --- |").expect("memory");
    for (operation, theirs) in operations.iter().zip(theirs) {
        let row = row(operation, theirs);
        println!("{row}");
        writeln!(table, "{row}").expect("memory");
    }
    if options.write {
        write_section("performance.md", COMMAND, &table);
    }
    ExitCode::SUCCESS
}

fn row(operation: &Operation, theirs: f64) -> String {
    let ours = timing::nanos(&operation.request);
    let target = operation
        .target
        .map_or("1/5".to_owned(), |it| format!("{it} ns"));
    let share = theirs / ours;
    let name = operation.name;
    format!("| {name} | {ours:.0} | {theirs:.0} | 1/{share:.1} | {target} |")
}
