//! The offset store of a standalone worker: one file, in the reference's own format.
//!
//! The whole map is written to a second file, made durable, and renamed over the first, so a crash
//! at any moment leaves either the old offsets or the new ones. A file that cannot be read is
//! refused and left alone: starting without its offsets would repeat or lose records.

mod replace;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use connect_core::source::BoxFuture;
use connect_core::{ConnectError, Result};
use tokio::sync::Mutex;

use self::replace::{RealDisk, replace};
use super::java_map::{self, ByteMap, MalformedMap};
use super::{OffsetEntry, OffsetStore, StoredEntry};

/// Source offsets in a file.
#[derive(Debug)]
pub struct FileOffsetStore {
    path: PathBuf,
    offsets: Arc<Mutex<ByteMap>>,
}

/// Why the offset file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It exists but cannot be read.
    #[error("cannot read offset file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It does not exist and cannot be made, so offsets would never be stored.
    #[error("there is no directory for offset file '{}'", path.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
    },
    /// It is damaged or of another kind.
    #[error(
        "offset file {} is damaged ({reason}); restore it, or move it away to start all sources \
         from the beginning",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl FileOffsetStore {
    /// Reads the offsets of a file; there are none when it is absent or empty.
    ///
    /// # Errors
    /// When the file is there but cannot be read or understood.
    pub async fn open(path: impl Into<PathBuf>) -> std::result::Result<Self, OpenError> {
        let path = path.into();
        let bytes = match tokio::fs::read(&path).await {
            Ok(bytes) => bytes,
            Err(err) if err.kind() == io::ErrorKind::NotFound => match has_folder(&path).await {
                true => Vec::new(),
                false => return Err(OpenError::NoFolder { path }),
            },
            Err(source) => return Err(OpenError::Read { path, source }),
        };
        let offsets = match bytes.is_empty() {
            true => ByteMap::new(),
            false => java_map::read(&bytes).map_err(|err: MalformedMap| OpenError::Damaged {
                path: path.clone(),
                reason: err.to_string(),
            })?,
        };
        Ok(Self {
            path,
            offsets: Arc::new(Mutex::new(offsets)),
        })
    }
}

async fn has_folder(file: &Path) -> bool {
    let folder = match file.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return false,
    };
    tokio::fs::metadata(folder)
        .await
        .is_ok_and(|it| it.is_dir())
}

impl OffsetStore for FileOffsetStore {
    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Vec<u8>>>> {
        Box::pin(async move { Ok(self.offsets.lock().await.get(key).cloned().flatten()) })
    }

    fn entries(&self) -> BoxFuture<'_, Result<Vec<StoredEntry>>> {
        Box::pin(async move {
            let offsets = self.offsets.lock().await;
            let stored = offsets.iter();
            Ok(stored
                .filter_map(|(key, value)| Some((key.clone(), value.clone()?)))
                .collect())
        })
    }

    fn set(&self, entries: Vec<OffsetEntry>) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            // The lock goes along with the writer, so that files replace each other in order even if
            // nobody waits for this writer any more.
            let mut offsets = Arc::clone(&self.offsets).lock_owned().await;
            let path = self.path.clone();
            let written = tokio::task::spawn_blocking(move || {
                let mut updated = offsets.clone();
                updated.extend(entries);
                replace(&mut RealDisk, &path, &java_map::write(&updated))?;
                *offsets = updated;
                Ok(())
            });
            let result = written
                .await
                .unwrap_or_else(|panic| Err(io::Error::other(panic)));
            result.map_err(|err| {
                ConnectError::retriable(format_args!(
                    "cannot write offset file {}",
                    self.path.display()
                ))
                .caused_by(err)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn offsets_survive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("offsets");

        let store = FileOffsetStore::open(&path).await.unwrap();
        store
            .set(vec![(b"a".to_vec(), Some(b"1".to_vec()))])
            .await
            .unwrap();
        store
            .set(vec![
                (b"b".to_vec(), Some(b"2".to_vec())),
                (b"a".to_vec(), None),
            ])
            .await
            .unwrap();
        let store = FileOffsetStore::open(&path).await.unwrap();

        assert_eq!(store.get(b"a").await.unwrap(), None);
        assert_eq!(store.get(b"b").await.unwrap(), Some(b"2".to_vec()));
    }

    #[tokio::test]
    async fn a_file_that_could_never_be_written_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = folder.path().join("nowhere/offsets");
        for path in [Path::new(""), &nowhere] {
            let opened = FileOffsetStore::open(path).await;

            assert!(
                matches!(opened, Err(OpenError::NoFolder { .. })),
                "{opened:?}"
            );
        }
        let relative = FileOffsetStore::open("offsets-of-no-test").await;
        assert!(relative.is_ok(), "{relative:?}");
    }

    #[tokio::test]
    async fn a_death_before_the_renaming_leaves_the_old_offsets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("offsets");
        let fresh = folder.path().join("offsets.new");
        let store = FileOffsetStore::open(&path).await.unwrap();
        let entry = |value: &str| vec![(b"a".to_vec(), Some(value.as_bytes().to_vec()))];
        store.set(entry("1")).await.unwrap();
        let old = tokio::fs::read(&path).await.unwrap();
        store.set(entry("2")).await.unwrap();
        let new = tokio::fs::read(&path).await.unwrap();

        // As much of the second file as was written by then.
        for length in 0..=new.len() {
            tokio::fs::write(&path, &old).await.unwrap();
            tokio::fs::write(&fresh, &new[..length]).await.unwrap();
            let store = FileOffsetStore::open(&path).await.unwrap();
            assert_eq!(store.get(b"a").await.unwrap(), Some(b"1".to_vec()));
        }

        let store = FileOffsetStore::open(&path).await.unwrap();
        store.set(entry("3")).await.unwrap();
        let store = FileOffsetStore::open(&path).await.unwrap();
        assert_eq!(store.get(b"a").await.unwrap(), Some(b"3".to_vec()));
        assert!(!fresh.exists());
    }

    #[tokio::test]
    async fn a_damaged_file_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("offsets");
        tokio::fs::write(&path, b"not offsets").await.unwrap();

        let error = FileOffsetStore::open(&path).await.unwrap_err();

        assert!(error.to_string().contains("is damaged (byte 0:"), "{error}");
        assert_eq!(tokio::fs::read(&path).await.unwrap(), b"not offsets");
    }

    #[tokio::test]
    async fn a_failed_write_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileOffsetStore::open(folder.path().join("offsets")).await;
        let store = store.unwrap();
        drop(folder);

        let error = store
            .set(vec![(b"a".to_vec(), Some(b"1".to_vec()))])
            .await
            .unwrap_err();

        assert!(error.is_retriable());
        assert_eq!(store.get(b"a").await.unwrap(), None);
    }
}
