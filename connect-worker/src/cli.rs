//! The command line: one file per command.
//!
//! Commands write what they were asked for to standard output; logs and errors go to standard
//! error. The exit codes are those of the reference.

mod broker;
mod distributed;
mod failure;
mod launch;
mod lint;
mod logging;
mod new;
mod plugins;
mod quickstart;
mod signals;
mod standalone;
mod transform;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::{Exit, Failure};

/// A Kafka Connect worker.
///
/// Without a command it shows itself at work: a broker, a worker, a file that is copied through a
/// topic, all in the folder `connect-quickstart`.
#[derive(Debug, Parser)]
#[command(name = "connect-worker", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    /// What is logged: a level, or levels of parts of the program, such as
    /// `info,connect_worker::rest=debug`
    #[arg(
        long,
        value_name = "LEVELS",
        global = true,
        env = "RUST_LOG",
        default_value = "info"
    )]
    log: String,

    /// How log lines are written
    #[arg(
        long,
        value_enum,
        global = true,
        env = "CONNECT_LOG_FORMAT",
        default_value_t
    )]
    log_format: logging::Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs a worker with its connectors, offsets in a file
    Standalone(standalone::Arguments),
    /// Runs a worker of a cluster: what it shares with the others is in Kafka
    Distributed(distributed::Arguments),
    /// Runs the embedded broker alone
    Broker(broker::Arguments),
    /// Lists the connectors and other plugins in this program
    Plugins(plugins::Arguments),
    /// Writes a crate with a plugin to start from
    New(new::Arguments),
    /// Looks at configurations of connectors, more strictly than a worker does
    Lint(lint::Arguments),
    /// Shows what the transforms of a connector make of records, step by step
    Transform(transform::Arguments),
}

/// Runs the command line of this process. This is all that a binary with connectors of its own
/// needs to call.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nobody is left to be told that the terminal is gone.
            let _ = error.print();
            return match error.use_stderr() {
                true => Exit::Usage.into(),
                false => ExitCode::SUCCESS,
            };
        }
    };
    // Who reads a log in JSON finds nothing else beside it. The quick start logs to a file.
    let is_json = arguments.log_format == logging::Format::Json && arguments.command.is_some();
    match run(arguments) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if is_json && tracing::dispatcher::has_been_set() {
                tracing::error!(error = %failure, "the command failed");
            } else {
                let _ = writeln!(std::io::stderr(), "connect-worker: {failure}");
            }
            failure.exit().into()
        }
    }
}

fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let levels = logging::levels(&arguments.log)?;
    let format = arguments.log_format;
    match arguments.command {
        None => quickstart::run(levels, format),
        Some(Command::Standalone(arguments)) => {
            logging::to_stderr(levels.clone(), format);
            standalone::run(&arguments, levels)
        }
        Some(Command::Distributed(arguments)) => {
            logging::to_stderr(levels.clone(), format);
            distributed::run(&arguments, levels)
        }
        Some(Command::Broker(arguments)) => {
            logging::to_stderr(levels, format);
            broker::run(&arguments)
        }
        Some(Command::Plugins(arguments)) => plugins::run(&arguments),
        Some(Command::New(arguments)) => new::run(&arguments),
        Some(Command::Lint(arguments)) => {
            logging::to_stderr(levels, format);
            lint::run(&arguments)
        }
        Some(Command::Transform(arguments)) => {
            logging::to_stderr(levels, format);
            transform::run(&arguments)
        }
    }
}

/// Writes what a command was asked for.
fn print(text: &str) -> Result<Exit, Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(Exit::Done),
        // The reader, `head` for example, has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        Err(error) => Err(Failure::setup(&error).about("cannot write the answer")),
    }
}

/// Runs a command that waits for the outside world.
fn block_on<F: Future<Output = Result<Exit, Failure>>>(future: F) -> Result<Exit, Failure> {
    /// Connectors wait more than they compute; more threads would only cost memory.
    const MOST_THREADS: usize = 4;
    connect_kafka::tune_allocator();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.min(MOST_THREADS))
        .enable_all()
        .build()
        .map_err(|error| Failure::setup(&error).about("cannot start the runtime"))?;
    let result = runtime.block_on(future);
    // Threads that a connector blocks must not keep the process from ending.
    runtime.shutdown_background();
    result
}

#[cfg(test)]
mod tests;
