//! A file of small facts, one a line, each with a checksum: what the broker knows besides records.
//!
//! A line is the checksum in eight hexadecimal digits, a space, and JSON. Lines are only added; a
//! journal that has grown far beyond what is still true is written anew.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::warn;

use crate::config::SyncPolicy;
use crate::error::{BrokerError, at};

/// Bytes of a journal that is not worth being written anew.
const SMALL: u64 = 256 * 1024;

/// A journal of facts of one type.
#[derive(Debug)]
pub(crate) struct Journal<T> {
    path: PathBuf,
    file: File,
    length: u64,
    /// The length after the last rewriting.
    compact_length: u64,
    sync: SyncPolicy,
    /// Whether the file may end in half a line.
    broken: bool,
    facts: PhantomData<fn(T)>,
}

impl<T: Serialize + DeserializeOwned> Journal<T> {
    /// Opens a journal, creating it if there is none, and returns its facts, oldest first. What an
    /// interrupted write left at the end is cut off.
    ///
    /// # Errors
    /// When the file cannot be read, or a line before its end is damaged.
    pub(crate) fn open(path: PathBuf, sync: SyncPolicy) -> Result<(Self, Vec<T>), BrokerError> {
        let file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(&path)
            .map_err(at(&path))?;
        if sync == SyncPolicy::EveryWrite {
            sync_folder_of(&path).map_err(at(&path))?;
        }
        let bytes = fs::read(&path).map_err(at(&path))?;
        let (facts, sound) = read_facts(&path, &bytes)?;
        if sound < bytes.len() {
            warn!(
                file = %path.display(),
                offset = sound,
                "cut off what an interrupted write left at the end"
            );
            file.set_len(sound as u64).map_err(at(&path))?;
        }
        let journal = Self {
            path,
            file,
            length: sound as u64,
            compact_length: 0,
            sync,
            broken: false,
            facts: PhantomData,
        };
        Ok((journal, facts))
    }

    /// Adds facts with one write. What a failed write left is taken back.
    pub(crate) fn append<'a>(&mut self, facts: impl IntoIterator<Item = &'a T>) -> io::Result<()>
    where
        T: 'a,
    {
        if self.broken {
            // Whatever is written behind half a line is lost.
            return Err(io::Error::other("an earlier write could not be taken back"));
        }
        let lines = to_lines(facts)?;
        let mut written = self.file.write_all(&lines);
        if self.sync == SyncPolicy::EveryWrite {
            written = written.and_then(|()| self.file.sync_data());
        }
        if let Err(error) = written {
            self.broken = self.file.set_len(self.length).is_err();
            return Err(error);
        }
        self.length += lines.len() as u64;
        Ok(())
    }

    /// Whether most of the file is about what is not true any more.
    pub(crate) fn is_overgrown(&self) -> bool {
        self.length > SMALL.max(self.compact_length.saturating_mul(4))
    }

    /// Replaces the file by one with these facts alone.
    pub(crate) fn rewrite<'a>(&mut self, facts: impl IntoIterator<Item = &'a T>) -> io::Result<()>
    where
        T: 'a,
    {
        let lines = to_lines(facts)?;
        let unfinished = self.path.with_extension("new");
        let mut file = File::create(&unfinished)?;
        file.write_all(&lines)?;
        // The old file is about to go, so the new one must be on the disk.
        file.sync_data()?;
        fs::rename(&unfinished, &self.path)?;
        if self.sync == SyncPolicy::EveryWrite {
            // What is added to the new file would be lost with the name that leads to it.
            sync_folder_of(&self.path)?;
        }
        self.file = OpenOptions::new()
            .read(true)
            .append(true)
            .open(&self.path)?;
        self.length = lines.len() as u64;
        self.compact_length = self.length;
        self.broken = false;
        Ok(())
    }

    /// Waits until the system has put everything on the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Puts the name of a file on the disk.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn to_lines<'a, T: Serialize + 'a>(facts: impl IntoIterator<Item = &'a T>) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for fact in facts {
        let json = serde_json::to_vec(fact)?;
        write!(lines, "{:08x} ", crc32c::crc32c(&json))?;
        lines.extend(json);
        lines.push(b'\n');
    }
    Ok(lines)
}

/// The facts and how many bytes they take, up to a torn end.
fn read_facts<T: DeserializeOwned>(
    path: &Path,
    bytes: &[u8],
) -> Result<(Vec<T>, usize), BrokerError> {
    let mut facts = Vec::new();
    let mut position = 0;
    let mut fault = None;
    for line in bytes.split_inclusive(|it| *it == b'\n') {
        let fact = line.strip_suffix(b"\n").and_then(checked_json);
        match (fact, fault) {
            (Some(json), None) => {
                let fact = serde_json::from_slice(json).map_err(|error| BrokerError::Format {
                    file: path.to_owned(),
                    reason: format!("the entry at byte {position} cannot be read: {error}"),
                })?;
                facts.push(fact);
            }
            (Some(_), Some(fault)) => {
                return Err(BrokerError::Damaged {
                    file: path.to_owned(),
                    position: fault as u64,
                    reason: "the checksum of the entry does not fit".to_owned(),
                });
            }
            (None, None) => fault = Some(position),
            (None, Some(_)) => {}
        }
        position += line.len();
    }
    Ok((facts, fault.unwrap_or(position)))
}

fn checked_json(line: &[u8]) -> Option<&[u8]> {
    let (crc, json) = (line.get(..8)?, line.get(9..)?);
    let crc = u32::from_str_radix(std::str::from_utf8(crc).ok()?, 16).ok()?;
    (crc == crc32c::crc32c(json)).then_some(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(dir: &Path) -> Result<(Journal<String>, Vec<String>), BrokerError> {
        Journal::open(dir.join("facts"), SyncPolicy::AtShutdown)
    }

    fn filled(dir: &Path) {
        let (mut journal, facts) = open(dir).unwrap();
        assert!(facts.is_empty());
        let facts = ["one".to_owned(), "two\n".to_owned()];
        journal.append(&facts).unwrap();
    }

    #[test]
    fn facts_are_there_again() {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path());

        assert_eq!(open(dir.path()).unwrap().1, ["one", "two\n"]);
    }

    #[test]
    fn every_torn_end_is_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path());
        let file = dir.path().join("facts");
        let bytes = fs::read(&file).unwrap();
        let first = bytes.iter().position(|it| *it == b'\n').unwrap() + 1;

        for length in first..bytes.len() {
            fs::write(&file, &bytes[..length]).unwrap();
            assert_eq!(open(dir.path()).unwrap().1, ["one"], "cut to {length}");
            assert_eq!(fs::read(&file).unwrap(), bytes[..first]);
        }
    }

    #[test]
    fn appended_rubbish_is_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path());
        let file = dir.path().join("facts");
        let mut bytes = fs::read(&file).unwrap();
        bytes.extend(b"\nrub\nbish\n\xff");
        fs::write(&file, bytes).unwrap();

        assert_eq!(open(dir.path()).unwrap().1, ["one", "two\n"]);
    }

    #[test]
    fn damage_before_the_end_is_an_error_and_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path());
        let file = dir.path().join("facts");
        let mut bytes = fs::read(&file).unwrap();
        bytes[10] ^= 1;
        fs::write(&file, &bytes).unwrap();

        let error = open(dir.path()).unwrap_err().to_string();

        assert!(error.contains("facts: damaged at byte 0"), "{error}");
        assert_eq!(fs::read(&file).unwrap(), bytes);
    }

    #[test]
    fn a_rewritten_journal_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path());
        let (mut journal, _) = open(dir.path()).unwrap();

        journal.rewrite([&"three".to_owned()]).unwrap();
        journal.append([&"four".to_owned()]).unwrap();

        assert_eq!(open(dir.path()).unwrap().1, ["three", "four"]);
    }
}
