//! Where log lines go, and which.

use std::fs::File;
use std::io::{self, Write};

use tracing::Metadata;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::failure::Failure;
use crate::log_levels::LogLevels;
use crate::providers::hide_all;
use crate::worker::threads::runs_plugin;

/// Reads levels as a user writes them.
pub(super) fn levels(text: &str) -> Result<LogLevels, Failure> {
    let targets = text.parse::<Targets>();
    targets.map(|it| LogLevels::new(&it)).map_err(|error| {
        Failure::usage(format!(
            "--log: `{text}` is not a list of log levels: {error}"
        ))
    })
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// Logs to standard error, in colours on a terminal.
pub(super) fn to_stderr(levels: LogLevels, format: Format) {
    let colours = io::IsTerminal::is_terminal(&io::stderr());
    install(levels, format, io::stderr, colours);
}

/// Logs to a file.
pub(super) fn to_file(levels: LogLevels, format: Format, file: File) {
    install(levels, format, std::sync::Mutex::new(file), false);
}

fn install<W>(levels: LogLevels, format: Format, writer: W, colours: bool)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(Discreet(writer))
        .with_ansi(colours && format == Format::Text);
    let logger = tracing_subscriber::registry();
    // Whoever calls the library from a program with a logger of its own keeps that one.
    let _ = match format {
        Format::Text => logger.with(lines).with(levels).try_init(),
        Format::Json => logger.with(lines.json()).with(levels).try_init(),
    };
    log_panics(format);
}

/// Writes what configurations refer to as they do: clients and plugins log what they were given.
struct Discreet<W>(W);

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Discreet<W> {
    type Writer = Discreet<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Discreet(self.0.make_writer())
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Self::Writer {
        Discreet(self.0.make_writer_for(meta))
    }
}

impl<W: Write> Write for Discreet<W> {
    /// Lines come as a whole.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(line) {
            Ok(text) => self.0.write_all(hide_all(text).as_bytes())?,
            Err(_) => self.0.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// What a plugin says when it panics may be part of its configuration. The status of its task has
/// it, without secrets; the log has the place. Programs that read the log find nothing but JSON.
fn log_panics(format: Format) {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(tracing::field::display);
        match (runs_plugin(), format) {
            (true, _) => tracing::error!(place, "the code of a plugin panicked"),
            (false, Format::Json) => {
                let text = panic.payload_as_str();
                tracing::error!(place, text, "the worker panicked");
            }
            (false, Format::Text) => default(panic),
        }
    }));
}
