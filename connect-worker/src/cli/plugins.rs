//! `connect-worker plugins`: what was linked into this program.

use std::io::{self, Write};

use connect_core::plugin::{PluginDescriptor, PluginKind};
use connect_core::registry::PluginRegistry;
use serde::Serialize;

use super::failure::{Exit, Failure};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Prints a JSON array
    #[arg(long)]
    json: bool,
}

/// What is told of a plugin.
#[derive(Debug, Serialize)]
struct Listed {
    name: &'static str,
    kind: &'static str,
    version: &'static str,
    summary: &'static str,
    aliases: &'static [&'static str],
}

impl Listed {
    fn of(plugin: &PluginDescriptor) -> Self {
        let info = plugin.info;
        Self {
            name: info.name,
            kind: match plugin.entry.kind() {
                PluginKind::Source => "source",
                PluginKind::Sink => "sink",
                PluginKind::Converter => "converter",
                PluginKind::Transform => "transform",
                PluginKind::Predicate => "predicate",
                PluginKind::ConfigProvider => "provider",
            },
            version: info.version,
            summary: info.documentation.lines().next().unwrap_or_default().trim(),
            aliases: info.aliases,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let plugins = registry()?;
    let listed: Vec<_> = plugins.iter().map(Listed::of).collect();
    let mut out = io::stdout().lock();
    let written = match arguments.json {
        true => serde_json::to_writer_pretty(&mut out, &listed)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out)),
        false => print(&mut out, &listed),
    };
    match written {
        Ok(()) => Ok(Exit::Done),
        // The reader, `head` for example, has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        Err(error) => Err(Failure::setup(&error).about("cannot write the list")),
    }
}

/// The plugins of this program.
pub(super) fn registry() -> Result<PluginRegistry, Failure> {
    PluginRegistry::from_inventory().map_err(|error| Failure::setup(&error))
}

fn print(out: &mut impl Write, plugins: &[Listed]) -> io::Result<()> {
    let width = |text: fn(&Listed) -> &str| plugins.iter().map(|it| text(it).len()).max();
    let name_width = width(|it| it.name).unwrap_or_default();
    let version_width = width(|it| it.version).unwrap_or_default();
    for plugin in plugins {
        let Listed {
            name,
            kind,
            version,
            summary,
            aliases,
        } = plugin;
        writeln!(
            out,
            "{kind:<9}  {name:<name_width$}  {version:<version_width$}  {summary}"
        )?;
        for alias in *aliases {
            writeln!(out, "{:<9}  also {alias}", "")?;
        }
    }
    Ok(())
}
