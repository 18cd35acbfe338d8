//! `connect-worker new`: a crate with a plugin to start from.
//!
//! The templates are Rust as it stands; a name takes the place of `Template`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::failure::{Exit, Failure};

/// What stands in a template for the name of the plugin.
const PLACEHOLDER: &str = "Template";

/// Words that cannot be the name of a crate, though they look like one.
const RESERVED: [&str; 50] = [
    "abstract", "alloc", "as", "async", "await", "become", "box", "break", "const", "continue",
    "core", "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen",
    "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "override", "pub", "ref",
    "return", "self", "static", "std", "struct", "super", "test", "trait", "true", "try", "type",
    "unsafe", "use", "where", "while", "yield",
];

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// What the plugin is
    #[arg(value_enum)]
    kind: Kind,

    /// Name of the crate, and of the folder that is made for it
    name: String,

    /// Folder of the SDK, `connect-core`; without it the crate depends on the published version
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Reads from another system
    Source,
    /// Writes to another system
    Sink,
    /// Changes records on their way
    Transform,
}

impl Kind {
    fn template(self) -> &'static str {
        match self {
            Self::Source => include_str!("new/templates/source.rs"),
            Self::Sink => include_str!("new/templates/sink.rs"),
            Self::Transform => include_str!("new/templates/transform.rs"),
        }
    }

    /// What the name of the plugin ends in, so that it says what it is.
    fn ending(self) -> &'static str {
        match self {
            Self::Source => "Source",
            Self::Sink => "Sink",
            Self::Transform => "",
        }
    }

    /// Whether its test runs a task.
    fn has_task(self) -> bool {
        match self {
            Self::Source | Self::Sink => true,
            Self::Transform => false,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    check_name(&arguments.name)?;
    let sdk = arguments.path.as_deref().map(find_sdk).transpose()?;
    let manifest = manifest(arguments, sdk.as_deref())?;
    let source = source(arguments);

    let folder = Path::new(&arguments.name);
    write(folder, &manifest, &source)
        .map_err(|error| Failure::setup(&error).about(folder.display()))?;
    let said = format!(
        "{name}: a crate with the plugin {plugin}; `cargo test` in it runs its test\n",
        name = arguments.name,
        plugin = plugin_name(arguments),
    );
    super::print(&said)
}

fn check_name(name: &str) -> Result<(), Failure> {
    let starts_well = name.starts_with(|it: char| it.is_ascii_lowercase());
    let is_good = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "-_".contains(it);
    if !starts_well || !name.chars().all(is_good) {
        return Err(Failure::usage(format!(
            "`{name}` is not the name of a crate; use lowercase letters, digits, `-` and `_`, a \
             letter first, for example `orders-source`"
        )));
    }
    match RESERVED.contains(&name) {
        true => Err(Failure::usage(format!(
            "`{name}` is a word of Rust; take another name"
        ))),
        false => Ok(()),
    }
}

/// The absolute folder of the SDK: the crate may be moved, the SDK stays.
fn find_sdk(folder: &Path) -> Result<PathBuf, Failure> {
    let manifest = fs::read_to_string(folder.join("Cargo.toml"))
        .map_err(|error| Failure::setup(&error).about(folder.join("Cargo.toml").display()))?;
    if !manifest.contains("name = \"connect-core\"") {
        return Err(Failure::usage(format!(
            "{} is not the folder of connect-core",
            folder.display()
        )));
    }
    folder
        .canonicalize()
        .map_err(|error| Failure::setup(&error).about(folder.display()))
}

fn manifest(arguments: &Arguments, sdk: Option<&Path>) -> Result<String, Failure> {
    let sdk = match sdk {
        Some(folder) => match folder.to_str().filter(|it| !it.contains('\'')) {
            Some(folder) => format!("path = '{folder}'"),
            None => {
                return Err(Failure::usage(
                    "--path: Cargo cannot be told of such a folder",
                ));
            }
        },
        None => format!("version = \"{}\"", env!("CARGO_PKG_VERSION")),
    };
    let tests = match arguments.kind.has_task() {
        true => {
            format!("\n[dev-dependencies]\nconnect-core = {{ {sdk}, features = [\"testing\"] }}\n")
        }
        false => String::new(),
    };
    Ok(format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nconnect-core = {{ {sdk} }}\n{tests}",
        name = arguments.name,
    ))
}

fn source(arguments: &Arguments) -> String {
    let name = plugin_name(arguments);
    arguments.kind.template().replace(PLACEHOLDER, &name)
}

/// The name of the crate in camel case, with the kind at its end.
fn plugin_name(arguments: &Arguments) -> String {
    let words = arguments.name.split(['-', '_']);
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|it| it.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    let name: String = words.map(capital).collect();
    let ending = arguments.kind.ending();
    match name.ends_with(ending) {
        true => name,
        false => name + ending,
    }
}

/// Writes the crate into a folder that must not be there yet.
fn write(folder: &Path, manifest: &str, source: &str) -> io::Result<()> {
    fs::create_dir(folder)?;
    fs::create_dir(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::write(folder.join("src/lib.rs"), source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(kind: Kind, name: &str) -> Arguments {
        Arguments {
            kind,
            name: name.to_owned(),
            path: None,
        }
    }

    #[test]
    fn plugins_are_named_after_their_crate_and_kind() {
        let name = |kind, name| plugin_name(&arguments(kind, name));

        assert_eq!(name(Kind::Source, "orders"), "OrdersSource");
        assert_eq!(name(Kind::Source, "orders-source"), "OrdersSource");
        assert_eq!(name(Kind::Sink, "my_http"), "MyHttpSink");
        assert_eq!(name(Kind::Transform, "add-stamp2"), "AddStamp2");
    }

    #[test]
    fn names_that_are_no_crates_are_refused() {
        for name in ["", "Orders", "1st", "a b", "-a", "ä", "a/b", ".."] {
            let message = check_name(name).unwrap_err().to_string();

            assert!(message.contains("is not the name of a crate"), "{message}");
        }
        assert!(
            check_name("test")
                .unwrap_err()
                .to_string()
                .contains("a word of Rust")
        );
        assert!(check_name("orders-2").is_ok());
    }

    #[test]
    fn nothing_of_the_template_is_left() {
        for kind in Kind::value_variants() {
            let source = source(&arguments(*kind, "orders"));

            assert!(!source.contains(PLACEHOLDER) && source.contains("pub struct Orders"));
        }
    }

    #[test]
    fn without_a_folder_the_published_version_is_used() {
        let manifest = manifest(&arguments(Kind::Transform, "stamp"), None).unwrap();

        assert!(
            manifest.contains("\nconnect-core = { version = \"0.1.0\" }\n"),
            "{manifest}"
        );
        assert!(!manifest.contains("dev-dependencies"), "{manifest}");
    }
}
