//! Reads random texts as JSON, literals and headers: `./x fuzz-data [INPUTS] [--seed SEED]`.
#![expect(clippy::print_stdout, reason = "a command reports on its output")]

use std::process::ExitCode;

use clap::Parser as _;

/// Reads random texts as JSON, literals and headers.
#[derive(Debug, clap::Parser)]
#[command(name = "./x fuzz-data")]
struct Options {
    /// How many texts.
    #[arg(default_value_t = 10_000_000)]
    inputs: u64,
    /// What they follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match connect_tests::fuzz::run(options.inputs, options.seed) {
        Ok(()) => {
            println!("{} texts: none panics, none takes too long", options.inputs);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            println!("{problem}");
            ExitCode::FAILURE
        }
    }
}
