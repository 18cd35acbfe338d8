//! Names of connectors and tasks, which do not mix with other text, and of the worker's release.

use std::fmt;
use std::sync::Arc;

/// The release of the reference whose API this is; clients decide by it what they can ask for.
pub(crate) const API_VERSION: &str = "4.3.1";
/// What the reference fills with its source revision tells our own version.
pub(crate) const COMMIT: &str = concat!("connect-worker-", env!("CARGO_PKG_VERSION"));

/// Name of a connector: any text without control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectorName(Arc<str>);

impl ConnectorName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as shared text.
    #[must_use]
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl From<&str> for ConnectorName {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl From<String> for ConnectorName {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for ConnectorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One task of a connector.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId {
    /// Name of the connector.
    pub connector: ConnectorName,
    /// Number of the task, from 0.
    pub task: u32,
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.connector, self.task)
    }
}
