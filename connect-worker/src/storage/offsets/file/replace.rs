//! Replacing a file so that a crash at any moment leaves what it held before or what it holds now.
//!
//! Four steps, each of which is durable before the next: the new bytes are written under another
//! name, synced, renamed over the old file, and the folder is synced.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

/// What is asked of a file system.
pub(super) trait Disk {
    /// Writes a file anew.
    fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// What was written to a file survives a crash.
    fn sync(&mut self, path: &Path) -> io::Result<()>;
    /// Puts a file in the place of another one.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    /// The names in a folder survive a crash.
    fn sync_folder(&mut self, path: &Path) -> io::Result<()>;
}

/// The file system of this machine.
#[derive(Debug)]
pub(super) struct RealDisk;

impl Disk for RealDisk {
    fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        File::create(path)?.write_all(bytes)
    }

    fn sync(&mut self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn sync_folder(&mut self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

/// Replaces a file.
pub(super) fn replace(disk: &mut impl Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let fresh = folder.join(name);

    disk.write(&fresh, bytes)?;
    disk.sync(&fresh)?;
    disk.rename(&fresh, path)?;
    // The rename itself must survive a power failure, too.
    disk.sync_folder(folder)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use super::*;

    const OLD: &[u8] = b"old offsets";
    const NEW: &[u8] = b"newer offsets";

    /// A disk that may lose everything that was not synced, and that ends after some steps.
    #[derive(Clone, Debug, Default)]
    struct FragileDisk {
        /// What files hold, by number.
        files: Vec<Content>,
        /// Which file has a name, if the process goes on.
        names: BTreeMap<PathBuf, usize>,
        /// Which file has a name after a crash at least.
        durable_names: BTreeMap<PathBuf, usize>,
        steps_left: usize,
    }

    #[derive(Clone, Debug, Default)]
    struct Content {
        written: Vec<u8>,
        is_synced: bool,
    }

    impl FragileDisk {
        fn with_old(path: &Path, steps_left: usize) -> Self {
            let content = Content {
                written: OLD.to_vec(),
                is_synced: true,
            };
            let names = BTreeMap::from([(path.to_owned(), 0)]);
            Self {
                files: vec![content],
                durable_names: names.clone(),
                names,
                steps_left,
            }
        }

        fn step(&mut self) -> io::Result<()> {
            let left = self.steps_left.checked_sub(1);
            self.steps_left = left.ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(())
        }

        /// Everything that a file may hold after a power failure at this moment.
        fn after_crash(&self, path: &Path) -> Vec<Vec<u8>> {
            let names = [&self.names, &self.durable_names];
            let files = names.into_iter().filter_map(|it| it.get(path));
            let contents = files.flat_map(|file| {
                let Content { written, is_synced } = &self.files[*file];
                match is_synced {
                    true => vec![written.clone()],
                    // Any part of it may be there, or zeros in its place.
                    false => (0..=written.len())
                        .map(|length| written[..length].to_vec())
                        .chain([vec![0; written.len()]])
                        .collect(),
                }
            });
            contents.collect()
        }
    }

    impl Disk for FragileDisk {
        fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
            self.step()?;
            self.files.push(Content {
                written: bytes.to_vec(),
                is_synced: false,
            });
            self.names.insert(path.to_owned(), self.files.len() - 1);
            Ok(())
        }

        fn sync(&mut self, path: &Path) -> io::Result<()> {
            self.step()?;
            let file = self.names[path];
            self.files[file].is_synced = true;
            Ok(())
        }

        fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
            self.step()?;
            let file = self.names.remove(from).unwrap();
            self.names.insert(to.to_owned(), file);
            Ok(())
        }

        fn sync_folder(&mut self, path: &Path) -> io::Result<()> {
            self.step()?;
            assert_eq!(path, Path::new("/var/connect"));
            self.durable_names = self.names.clone();
            Ok(())
        }
    }

    #[test]
    fn a_crash_between_any_two_steps_leaves_the_old_bytes_or_the_new_ones() {
        let path = Path::new("/var/connect/offsets");
        for steps in 0.. {
            let mut disk = FragileDisk::with_old(path, steps);
            let replaced = replace(&mut disk, path, NEW);

            let possible = disk.after_crash(path);

            assert!(!possible.is_empty(), "after {steps} steps");
            for bytes in &possible {
                let is_whole = bytes == OLD || bytes == NEW;
                assert!(is_whole, "after {steps} steps: {bytes:?}");
            }
            if replaced.is_ok() {
                // Whoever was told that the offsets are stored finds them.
                assert!(possible.iter().all(|it| it == NEW), "{possible:?}");
                assert_eq!(steps, 4);
                break;
            }
        }
    }

    #[test]
    fn a_file_without_a_folder_is_in_the_present_one() {
        struct Folder(Option<PathBuf>);
        impl Disk for Folder {
            fn write(&mut self, path: &Path, _: &[u8]) -> io::Result<()> {
                assert_eq!(path, Path::new("./offsets.new"));
                Ok(())
            }
            fn sync(&mut self, _: &Path) -> io::Result<()> {
                Ok(())
            }
            fn rename(&mut self, _: &Path, _: &Path) -> io::Result<()> {
                Ok(())
            }
            fn sync_folder(&mut self, path: &Path) -> io::Result<()> {
                self.0 = Some(path.to_owned());
                Ok(())
            }
        }
        let mut disk = Folder(None);

        replace(&mut disk, Path::new("offsets"), NEW).unwrap();

        assert_eq!(disk.0.as_deref(), Some(Path::new(".")));
    }
}
