//! `connect-worker transform`: what the transforms of a connector make of records, step by step.

mod input;
mod show;

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use connect_core::config::Props;
use connect_core::record::Record;
use connect_core::registry::PluginRegistry;

use super::failure::{Exit, Failure};
use super::plugins;
use crate::config::connector::aliases::{Alias, AliasKind};
use crate::config::connector_file;
use crate::herder::validation::mistakes_of_stages;
use crate::worker::transforms::{Outcome, TransformChain};

use input::{Format, Input};

/// Standard input.
const STDIN: &str = "-";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Configuration of a connector, properties or JSON; only its transforms and predicates count,
    /// and what they refer to by `${provider:path:key}` is not looked up
    #[arg(value_name = "CONNECTOR.properties|.json")]
    config: PathBuf,

    /// Records, one a line; `-` is standard input
    #[arg(long, value_name = "FILE|-", default_value = STDIN)]
    input: PathBuf,

    /// What a line is: a value as JSON (with `schema` and `payload`, or without), a value as text,
    /// or a record, an object with some of `topic`, `partition`, `timestamp`, `key`, `value`,
    /// `headers`
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,

    /// Topic of records that name none
    #[arg(long, default_value = "topic")]
    topic: String,
}

/// How a line of input ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Well,
    Failed,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let plugins = plugins::registry()?;
    let connector =
        connector_file::read_config(&arguments.config).map_err(|error| Failure::setup(&error))?;
    check_stages(&connector, &plugins)
        .map_err(|failure| failure.about(arguments.config.display()))?;
    let mut chain = TransformChain::new(&connector, &plugins)
        .map_err(|error| Failure::setup(&error).about(arguments.config.display()))?;
    let input = Input::new(&connector, arguments.format, &arguments.topic, &plugins)?;
    let lines = lines(&arguments.input)?;

    let mut out = io::stdout().lock();
    match walk(&mut out, lines, &input, &mut chain) {
        Ok(Ended::Well) => Ok(Exit::Done),
        Ok(Ended::Failed) => Ok(Exit::Refused),
        // The reader, `head` for example, has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        Err(error) => Err(Failure::setup(&error).about(arguments.input.display())),
    }
}

/// Every mistake at once, as a worker would find them.
fn check_stages(connector: &Props, plugins: &PluginRegistry) -> Result<(), Failure> {
    let transforms = Alias::of_kind(AliasKind::Transform, connector);
    if transforms.is_empty() {
        let is_like_json = connector.iter().any(|(key, _)| key.starts_with('{'));
        return Err(Failure::setup(match is_like_json {
            true => &NoTransforms::BrokenJson,
            false => &NoTransforms::NoKey,
        }));
    }
    let mistakes = mistakes_of_stages(plugins, connector);
    let mut mistakes = mistakes.map_err(|error| Failure::setup(&error))?;
    let no_predicates = transforms.iter();
    mistakes.extend(no_predicates.filter_map(|it| it.names_no_predicate(connector)));
    match mistakes.is_empty() {
        true => Ok(()),
        false => Err(Failure::setup(&Mistakes(mistakes))),
    }
}

#[derive(Debug, thiserror::Error)]
enum NoTransforms {
    #[error("there are no transforms: the key `transforms` is absent or empty")]
    NoKey,
    #[error(
        "there are no transforms: the file is no JSON of a connector, so it was read as properties"
    )]
    BrokenJson,
}

/// One line for each.
#[derive(Debug)]
struct Mistakes(Vec<(String, String)>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the transforms cannot be used")?;
        for (key, message) in &self.0 {
            write!(f, "\n  {key}: {message}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

fn lines(input: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if input == Path::new(STDIN) {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(input);
    let file = file.map_err(|error| Failure::setup(&error).about(input.display()))?;
    Ok(Box::new(BufReader::new(file)))
}

/// Shows every record on its way. One that fails does not stop those behind it.
fn walk(
    out: &mut impl Write,
    lines: impl BufRead,
    input: &Input,
    chain: &mut TransformChain,
) -> io::Result<Ended> {
    let mut ended = Ended::Well;
    for (line, number) in lines.split(b'\n').zip(1_u64..) {
        let line = line?;
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        let read = std::str::from_utf8(line).map_err(|error| format!("it is no text: {error}"));
        match read.and_then(|line| input.record(line, number)) {
            Ok(record) => {
                writeln!(out, "record {number}")?;
                if show_way(out, record, chain)? == Ended::Failed {
                    ended = Ended::Failed;
                }
            }
            Err(problem) => {
                writeln!(out, "record {number} cannot be read: {problem}")?;
                ended = Ended::Failed;
            }
        }
    }
    Ok(ended)
}

fn show_way(
    out: &mut impl Write,
    mut record: Record,
    chain: &mut TransformChain,
) -> io::Result<Ended> {
    show::record(out, &record)?;
    for step in chain.steps() {
        let (name, class) = (step.name().to_owned(), step.class());
        let before = record.clone();
        match step.apply(&mut record) {
            Ok(Outcome::NotMeant) => {
                writeln!(
                    out,
                    "  {name} {class}: its predicate leaves the record alone"
                )?;
            }
            Ok(Outcome::Transformed) => {
                writeln!(out, "  {name} {class}")?;
                show::changes(out, &before, &record)?;
            }
            Ok(Outcome::Dropped) => {
                writeln!(out, "  {name} {class}: drops the record")?;
                return Ok(Ended::Well);
            }
            Err(error) => {
                writeln!(out, "  {name} {class}: FAILED")?;
                for line in error.trace().lines() {
                    writeln!(out, "    {line}")?;
                }
                writeln!(out, "    it got:")?;
                show::record(out, &before)?;
                return Ok(Ended::Failed);
            }
        }
    }
    Ok(Ended::Well)
}

#[cfg(test)]
mod tests;
