//! Who may come in.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use connect_core::config::{Secret, properties};
use connect_core::{ConnectError, Result};
use subtle::ConstantTimeEq as _;

/// Names with their passwords.
#[derive(Clone)]
pub(crate) struct Passwords(BTreeMap<String, Secret>);

impl Passwords {
    /// Reads a properties file; what is wrong with a line is not shown, for it may hold a password.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let shown = file.display();
        let bytes = std::fs::read(file).map_err(|error| {
            let problem = format_args!("cannot read the passwords in {shown}");
            ConnectError::config(problem).caused_by(error)
        })?;
        let lines = properties::parse_latin1(&bytes).map_err(|error| {
            let line = error.line;
            ConnectError::config(format_args!("line {line} of {shown} is malformed"))
        })?;
        let passwords: BTreeMap<_, _> = lines
            .iter()
            .map(|(user, password)| (user.to_owned(), Secret::new(password.unwrap_or_default())))
            .collect();
        if passwords.is_empty() {
            tracing::warn!(file = %shown, "there are no passwords, and every client is let in");
        }
        Ok(Self(passwords))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is the password of that user; how long it takes does not tell how wrong it is.
    pub(crate) fn admit(&self, user: &str, password: &str) -> bool {
        let Some(expected) = self.0.get(user) else {
            return false;
        };
        expected
            .expose()
            .as_bytes()
            .ct_eq(password.as_bytes())
            .into()
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passwords({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_without_passwords() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("passwords");
        std::fs::write(&file, "a=b\nme=s3cret\\u").unwrap();

        let malformed = Passwords::read(&file).unwrap_err().to_string();
        let missing = Passwords::read(&dir.path().join("none")).unwrap_err();

        assert_eq!(
            malformed,
            format!("line 2 of {} is malformed", file.display())
        );
        assert!(
            missing
                .to_string()
                .starts_with("cannot read the passwords in ")
        );
        let debug = format!("{:?}", Passwords(BTreeMap::new()));
        assert_eq!(debug, "Passwords(0)");
    }
}
