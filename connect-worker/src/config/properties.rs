//! Properties files of workers and connectors.

use std::path::{Path, PathBuf};

use connect_core::config::Props;
use connect_core::config::properties::{SyntaxError, parse_latin1};

/// A properties file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PropertiesError {
    /// The file cannot be read.
    #[error("cannot read {}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Its text is not a properties file.
    #[error("{}, {error}", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// What is wrong, and in which line.
        error: SyntaxError,
    },
}

/// Reads a properties file.
///
/// # Errors
/// When it cannot be read, or a line is malformed.
pub fn read(file: &Path) -> Result<Props, PropertiesError> {
    let bytes = std::fs::read(file).map_err(|source| PropertiesError::Unreadable {
        file: file.to_owned(),
        source,
    })?;
    parse_latin1(&bytes).map_err(|error| PropertiesError::Malformed {
        file: file.to_owned(),
        error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("w.properties");
        std::fs::write(&file, "a=\\u").unwrap();

        let malformed = read(&file).unwrap_err().to_string();
        let missing = read(&dir.path().join("none")).unwrap_err().to_string();

        assert_eq!(
            malformed,
            format!(
                r"{}, line 1: Malformed \uxxxx encoding. `\u` lacks hexadecimal digits",
                file.display()
            )
        );
        assert_eq!(
            missing,
            format!("cannot read {}", dir.path().join("none").display())
        );
    }
}
