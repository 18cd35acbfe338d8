//! Test vectors: what the reference answers, compared with what we answer.
//!
//! A file holds a list of entries; `tests/vectors/README.md` explains their notation. The folder
//! in the environment variable `CONNECT_VECTORS` replaces ours, so that further vectors of the same
//! form can be run.

#![expect(
    clippy::panic,
    reason = "a vector that cannot be read must fail its test"
)]

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use connect_core::data::{DataError, SchemaAndValue, SchemaRef, Value};
use connect_core::error::panic_text;
use connect_core::{ConnectError, ErrorKind};
use serde_json::Value as Json;

mod bytes;
mod convert;
mod members;
pub mod model;
mod record;
mod schema;
mod value;

pub use bytes::{bytes_from_notation, bytes_to_notation};
pub use convert::convert;
pub use record::{input_from_notation, record_from_notation, record_to_notation};
pub use schema::{Elements, schema_from_notation, schema_to_notation};
pub use value::{value_from_notation, value_to_notation};

/// One entry of a vector file.
#[derive(Debug)]
pub struct Vector {
    json: Json,
}

/// When something failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// While reading the configuration.
    Configure,
    /// While converting or transforming a record.
    Apply,
}

/// Our side of a failure, as far as vectors compare it.
#[derive(Clone, Debug)]
pub struct Failure {
    phase: Phase,
    kind: ErrorKind,
    message: String,
}

impl Failure {
    /// A configuration that was refused.
    pub fn configure(error: impl Into<ConnectError>) -> Self {
        Self::new(Phase::Configure, &error.into())
    }

    /// A record that was refused.
    pub fn apply(error: impl Into<ConnectError>) -> Self {
        Self::new(Phase::Apply, &error.into())
    }

    /// What it says.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    fn new(phase: Phase, error: &ConnectError) -> Self {
        Self {
            phase,
            kind: error.kind(),
            message: error.to_string(),
        }
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        Self::apply(error)
    }
}

/// A vector that we do not answer as the reference does.
#[derive(Debug)]
pub struct Mismatch {
    expected: String,
    actual: String,
}

impl Mismatch {
    /// What should have come, and what came.
    pub fn new(expected: impl Display, actual: impl Display) -> Self {
        Self {
            expected: expected.to_string(),
            actual: actual.to_string(),
        }
    }
}

impl Vector {
    /// The unique name of the entry.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text("id").unwrap_or("entry without id")
    }

    /// The entry as it is written.
    #[must_use]
    pub fn json(&self) -> &Json {
        &self.json
    }

    /// A member; null when it is absent.
    #[must_use]
    pub fn get(&self, member: &str) -> &Json {
        self.json.get(member).unwrap_or(&Json::Null)
    }

    /// A member that is text.
    #[must_use]
    pub fn text(&self, member: &str) -> Option<&str> {
        self.get(member).as_str()
    }

    /// A member in schema notation, as input: incomplete schemas are refused.
    ///
    /// # Errors
    ///
    /// When the schema cannot be built.
    pub fn schema(&self, member: &str) -> Result<Option<SchemaRef>, DataError> {
        schema_from_notation(self.get(member), Elements::Required)
    }

    /// A member in value notation.
    ///
    /// # Errors
    ///
    /// When a struct in it cannot be built.
    pub fn value(&self, member: &str, context: Option<&SchemaRef>) -> Result<Value, DataError> {
        value_from_notation(self.get(member), context)
    }

    /// The `config` member as properties.
    #[must_use]
    pub fn config(&self) -> Vec<(String, String)> {
        let entries = self.get("config").as_object().into_iter().flatten();
        entries
            .map(|(key, value)| match value {
                Json::String(text) => (key.clone(), text.clone()),
                other => (key.clone(), other.to_string()),
            })
            .collect()
    }

    /// Compares a value with the output, read in the context of a schema.
    ///
    /// # Errors
    ///
    /// When they differ.
    pub fn expect_value(
        &self,
        context: Option<&SchemaRef>,
        actual: Result<Value, Failure>,
    ) -> Result<(), Mismatch> {
        self.judge(
            |output| Ok(value_to_notation(&value_from_notation(output, context)?)),
            actual.map(|it| value_to_notation(&it)),
        )
    }

    /// Compares a schema with the output.
    ///
    /// # Errors
    ///
    /// When they differ.
    pub fn expect_schema(
        &self,
        actual: Result<Option<SchemaRef>, Failure>,
    ) -> Result<(), Mismatch> {
        self.judge(
            |output| {
                let schema = schema_from_notation(output, Elements::MayBeUnknown)?;
                Ok(schema_to_notation(schema.as_ref()))
            },
            actual.map(|it| schema_to_notation(it.as_ref())),
        )
    }

    /// Compares a schema and a value with the members of the output.
    ///
    /// # Errors
    ///
    /// When they differ.
    pub fn expect_schema_and_value(
        &self,
        actual: Result<SchemaAndValue, Failure>,
    ) -> Result<(), Mismatch> {
        let notation = |it: &SchemaAndValue| {
            serde_json::json!({
                "schema": schema_to_notation(it.schema.as_ref()),
                "value": value_to_notation(&it.value),
            })
        };
        self.judge(
            |output| {
                let schema = schema_from_notation(&output["schema"], Elements::MayBeUnknown)?;
                let value = value_from_notation(&output["value"], schema.as_ref())?;
                Ok(notation(&SchemaAndValue { schema, value }))
            },
            actual.map(|it| notation(&it)),
        )
    }

    /// Compares bytes with the output.
    ///
    /// # Errors
    ///
    /// When they differ.
    pub fn expect_bytes(&self, actual: Result<Option<Vec<u8>>, Failure>) -> Result<(), Mismatch> {
        self.judge(
            |output| Ok(bytes_to_notation(bytes_from_notation(output).as_deref())),
            actual.map(|it| bytes_to_notation(it.as_deref())),
        )
    }

    /// Compares plain JSON with the output.
    ///
    /// # Errors
    ///
    /// When they differ.
    pub fn expect_json(&self, actual: Result<Json, Failure>) -> Result<(), Mismatch> {
        self.judge(|output| Ok(output.clone()), actual)
    }

    /// Compares JSON with the output in a form of the caller's.
    ///
    /// # Errors
    ///
    /// When they differ.
    pub fn expect_read(
        &self,
        actual: Result<Json, Failure>,
        expected: impl FnOnce(&Json) -> Result<Json, DataError>,
    ) -> Result<(), Mismatch> {
        self.judge(expected, actual)
    }

    fn judge(
        &self,
        expected: impl FnOnce(&Json) -> Result<Json, DataError>,
        actual: Result<Json, Failure>,
    ) -> Result<(), Mismatch> {
        let error = self.get("error");
        let expected = match error {
            Json::Null => expected(self.get("output"))
                .map_err(|error| Mismatch {
                    expected: self.get("output").to_string(),
                    actual: format!("the expected side cannot be read: {error}"),
                })?
                .to_string(),
            error => error.to_string(),
        };
        let (matches, actual) = match actual {
            Ok(json) => {
                let actual = json.to_string();
                (error.is_null() && actual == expected, actual)
            }
            Err(failure) => (is_expected(error, &failure), format!("{failure:?}")),
        };
        if matches {
            Ok(())
        } else {
            Err(Mismatch { expected, actual })
        }
    }
}

/// The text of a portable error must be ours to the letter; of others only phase and kind count.
#[must_use]
pub fn is_expected(error: &Json, failure: &Failure) -> bool {
    let phase = match error["phase"].as_str() {
        Some("configure") => Phase::Configure,
        _ => Phase::Apply,
    };
    let kind = match error["type"].as_str() {
        None => return false,
        Some("ConfigException" | "SerializationException") => ErrorKind::Config,
        Some("ConnectException") => ErrorKind::Fatal,
        // Java itself stumbles over what is configured.
        Some("ArrayIndexOutOfBoundsException") if phase == Phase::Configure => ErrorKind::Config,
        Some(_) => ErrorKind::Data,
    };
    let portable = error["portable"].as_bool().unwrap_or(false);
    let same_text = error["message"].as_str() == Some(&failure.message);
    failure.phase == phase && failure.kind == kind && (same_text || !portable)
}

/// Reads a vector file that is a list.
///
/// # Panics
///
/// When the file is absent, is not JSON or holds no entries: a test without vectors proves nothing.
#[must_use]
pub fn load(file: &str) -> Vec<Vector> {
    let Json::Array(entries) = load_json(file) else {
        panic!("{file} is no list of vectors")
    };
    assert!(!entries.is_empty(), "{file} holds no vectors");
    let vectors: Vec<_> = entries.into_iter().map(|json| Vector { json }).collect();
    if let Err(problem) = members::check_names(&vectors) {
        panic!("{file}: {problem}");
    }
    vectors
}

/// Reads a vector file of any form.
///
/// # Panics
///
/// When the file is absent or is not JSON.
#[must_use]
pub fn load_json(file: &str) -> Json {
    let folder = std::env::var_os("CONNECT_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors")),
        PathBuf::from,
    );
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{} is not JSON: {error}", path.display()))
}

/// Runs all vectors of a file and reports every one that fails.
///
/// # Panics
///
/// When a vector fails, or the file cannot be read.
pub fn check_all(file: &str, check: impl Fn(&Vector) -> Result<(), Mismatch>) {
    check_each(file, load(file).iter(), check);
}

/// Runs some vectors of a file and reports every one that fails.
///
/// # Panics
///
/// When a vector fails.
pub fn check_each<'a>(
    file: &str,
    vectors: impl ExactSizeIterator<Item = &'a Vector>,
    check: impl Fn(&Vector) -> Result<(), Mismatch>,
) {
    let total = vectors.len();
    let failures: Vec<String> = vectors
        .filter_map(|vector| {
            let Mismatch { expected, actual } = check_one(file, vector, &check).err()?;
            Some(format!(
                "{}\n  expected {expected}\n  actual   {actual}",
                vector.id()
            ))
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {total} vectors of {file} fail\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// A vector that cannot be read, or at which we panic, fails as any other.
fn check_one(
    file: &str,
    vector: &Vector,
    check: &impl Fn(&Vector) -> Result<(), Mismatch>,
) -> Result<(), Mismatch> {
    members::check(file, vector).map_err(|problem| Mismatch::new("an entry", problem))?;
    catch_unwind(AssertUnwindSafe(|| check(vector)))
        .unwrap_or_else(|panic| Err(Mismatch::new("an answer", panic_text(panic.as_ref()))))
}
