//! Java, Maven and the jars: what has to be on the machine before a JVM of the harness can start.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Oldest Java that the brokers run on.
const JAVA_VERSION: u32 = 17;
const MANIFEST: &str = include_str!("../../kafka/pom.xml");
const LOGGING: &str = include_str!("../../kafka/log4j2.properties");
const COPY_JARS: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";

/// Why this machine cannot run a JVM of the harness.
#[derive(Debug, thiserror::Error)]
pub enum Missing {
    /// No `java`, or too old.
    #[error("no Java {JAVA_VERSION} or newer: {0}")]
    Java(String),
    /// No `javac`.
    #[error("no Java compiler: {0}")]
    Compiler(String),
    /// No `mvn`, and the jars are not in the cache yet.
    #[error("no Maven to fetch the Kafka jars with: {0}")]
    Maven(String),
    /// Maven ran and failed.
    #[error("no way to fetch the Kafka jars: {0}")]
    Jars(String),
    /// The cache folder cannot be used.
    #[error("no usable cache folder at {}: {error}", path.display())]
    Cache {
        /// The folder.
        path: PathBuf,
        /// What the file system says.
        error: std::io::Error,
    },
}

/// The fetched jars.
#[derive(Debug)]
pub(super) struct Jars {
    dir: PathBuf,
}

impl Jars {
    /// A JVM for `main_class`, whose arguments the caller adds.
    pub(super) fn java(&self, main_class: &str, heap: &str) -> Command {
        let mut command = self.java_with(&self.class_path(), heap);
        command.arg(main_class);
        command
    }

    /// A JVM with these classes; the caller adds the main class.
    pub(super) fn java_with(&self, class_path: &str, heap: &str) -> Command {
        let logging = self.dir.join("log4j2.properties");
        let mut command = Command::new("java");
        command
            .arg(format!("-Xmx{heap}"))
            .arg("-XX:+UseSerialGC")
            // Exceptions that are thrown often would lose their messages, which answers quote.
            .arg("-XX:-OmitStackTraceInFastThrow")
            .arg(format!("-Dlog4j2.configurationFile={}", logging.display()))
            .arg("-cp")
            .arg(class_path);
        command
    }

    /// All jars.
    pub(super) fn class_path(&self) -> String {
        self.dir.join("libs").join("*").display().to_string()
    }
}

/// Checks Java and makes sure that the jars are in the cache. Blocks, the first time for as long as a download takes.
pub(super) fn install() -> Result<Jars, Missing> {
    check_java()?;
    let cache = cache_folder();
    install_in(&cache).map_err(|failure| match failure {
        Failure::Io(error) => Missing::Cache { path: cache, error },
        Failure::Missing(missing) => missing,
    })
}

enum Failure {
    Io(std::io::Error),
    Missing(Missing),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// A folder that exists is complete: it is filled under another name, and moved while the lock is held.
fn install_in(cache: &Path) -> Result<Jars, Failure> {
    std::fs::create_dir_all(cache)?;
    let lock = File::create(cache.join("lock"))?;
    lock.lock()?;

    let dir = cache.join("kafka");
    let is_current = |name: &str, expected: &str| {
        std::fs::read_to_string(dir.join(name)).is_ok_and(|found| found == expected)
    };
    if !is_current("pom.xml", MANIFEST) || !is_current("log4j2.properties", LOGGING) {
        let partial = cache.join("kafka.partial");
        remove_dir(&partial)?;
        std::fs::create_dir(&partial)?;
        std::fs::write(partial.join("pom.xml"), MANIFEST)?;
        std::fs::write(partial.join("log4j2.properties"), LOGGING)?;
        fetch(&partial).map_err(Failure::Missing)?;
        remove_dir(&dir)?;
        std::fs::rename(&partial, &dir)?;
    }
    Ok(Jars { dir })
}

fn fetch(dir: &Path) -> Result<(), Missing> {
    let output = Command::new("mvn")
        .current_dir(dir)
        .args(["-q", "-B", COPY_JARS])
        .arg(format!("-DoutputDirectory={}", dir.join("libs").display()))
        .output()
        .map_err(|error| Missing::Maven(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(Missing::Jars(
        String::from_utf8_lossy(&said).trim().to_owned(),
    ))
}

fn check_java() -> Result<(), Missing> {
    let output = Command::new("java")
        .arg("-version")
        .output()
        .map_err(|error| Missing::Java(error.to_string()))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    match major_version(&said) {
        Some(version) if version >= JAVA_VERSION => Ok(()),
        _ => Err(Missing::Java(
            said.lines().next().unwrap_or_default().to_owned(),
        )),
    }
}

/// Reads `17` from `openjdk version "17.0.15" 2025-04-15`.
fn major_version(said: &str) -> Option<u32> {
    let (_, quoted) = said.split_once('"')?;
    let digits = quoted.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

fn cache_folder() -> PathBuf {
    let folder = |name: &str| {
        std::env::var_os(name)
            .filter(|it| !it.is_empty())
            .map(PathBuf::from)
    };
    folder("XDG_CACHE_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(std::env::temp_dir)
        .join("connect-worker")
}

fn remove_dir(dir: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_the_first_number_in_quotes() {
        let said = "openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime Environment";
        assert_eq!(major_version(said), Some(17));
        assert_eq!(
            major_version("java version \"21\" 2023-09-19 LTS"),
            Some(21)
        );
        assert_eq!(major_version("java version \"1.8.0_412\""), Some(1));
        assert_eq!(major_version("command not found"), None);
    }
}
