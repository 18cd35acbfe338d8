//! Compares transforms and converters with the reference's on random data.
//!
//! `./x differential [CASES] [--only NAME] [--seed SEED]` builds and runs this.
#![expect(clippy::print_stdout, reason = "a command reports on its output")]

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser as _;
use connect_tests::differential::{compare, subjects};
use connect_tests::kafka::Reference;

/// Compares transforms and converters with the reference's on random data.
#[derive(Debug, clap::Parser)]
#[command(name = "./x differential")]
struct Options {
    /// How many cases of each transform and converter.
    #[arg(default_value_t = 200_000)]
    cases: usize,
    /// Only those whose name contains this text, or one of several.
    #[arg(long)]
    only: Vec<String>,
    /// What the cases follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// After how many differences the comparison of a subject ends.
    #[arg(long, default_value_t = 5)]
    most: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let Some(mut reference) = Reference::start().await else {
        return ExitCode::FAILURE;
    };
    let mut is_same = true;
    let is_wanted = |name: &str| {
        let only = &options.only;
        only.is_empty() || only.iter().any(|it| name.contains(it))
    };
    for subject in subjects().iter().filter(|it| is_wanted(&it.name)) {
        let start = Instant::now();
        let (cases, most) = (options.cases, options.most);
        let found = compare(subject, cases, options.seed, &mut reference, most);
        let seconds = start.elapsed().as_secs();
        println!(
            "{}: {cases} cases, {} differences, {seconds} s",
            subject.name,
            found.len()
        );
        for difference in &found {
            println!("{difference}\n");
        }
        is_same &= found.is_empty();
    }
    match is_same {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
