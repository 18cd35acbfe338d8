//! What there is to say about a file: classes, places, and the forms in which it is printed.

use serde_json::{Value as Json, json};

use super::places::Place;

/// Kinds of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// The file is neither properties nor JSON.
    Malformed,
    /// It names no connector that can be used.
    NoConnector,
    /// A key is missing, or its value is not good.
    Invalid,
    /// Nothing reads a key.
    UnknownKey,
    /// A key has a name that should not be used any more.
    DeprecatedKey,
    /// A key is written more than once.
    RepeatedKey,
}

impl Class {
    const ALL: [Self; 6] = [
        Self::Malformed,
        Self::NoConnector,
        Self::Invalid,
        Self::UnknownKey,
        Self::DeprecatedKey,
        Self::RepeatedKey,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::NoConnector => "no-connector",
            Self::Invalid => "invalid",
            Self::UnknownKey => "unknown-key",
            Self::DeprecatedKey => "deprecated-key",
            Self::RepeatedKey => "repeated-key",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Malformed => "The file is neither properties nor JSON.",
            Self::NoConnector => "The file names no connector that can be used.",
            Self::Invalid => "A key is missing, or its value is not good.",
            Self::UnknownKey => "Nothing reads the key.",
            Self::DeprecatedKey => "The name of the key should not be used any more.",
            Self::RepeatedKey => "The key is written more than once; the last value counts.",
        }
    }

    /// Whether a file with such a finding is refused.
    pub(super) fn is_error(self) -> bool {
        !matches!(self, Self::DeprecatedKey | Self::RepeatedKey)
    }

    fn severity(self) -> &'static str {
        match self.is_error() {
            true => "error",
            false => "warning",
        }
    }
}

/// Something about a file that its author should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) class: Class,
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: String,
}

impl Finding {
    /// A finding at a place, or at the beginning of the file.
    pub(super) fn new(
        class: Class,
        file: &str,
        place: Option<&Place>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            class,
            file: file.to_owned(),
            line: place.map_or(1, |it| it.line),
            column: place.map_or(1, |it| it.column),
            message: message.into(),
        }
    }
}

/// A line for each finding, as compilers write them.
pub(super) fn to_text(findings: &[Finding]) -> String {
    let lines = findings.iter().map(|it| {
        format!(
            "{}:{}:{}: {}[{}]: {}\n",
            it.file,
            it.line,
            it.column,
            it.class.severity(),
            it.class.name(),
            it.message
        )
    });
    lines.collect()
}

pub(super) fn to_json(findings: &[Finding]) -> Json {
    let findings = findings.iter().map(|it| {
        json!({
            "file": it.file,
            "line": it.line,
            "column": it.column,
            "severity": it.class.severity(),
            "class": it.class.name(),
            "message": it.message,
        })
    });
    findings.collect()
}

/// The findings as SARIF 2.1.0, which code hosts show beside the lines.
pub(super) fn to_sarif(findings: &[Finding]) -> Json {
    let rules = Class::ALL.map(|it| {
        json!({
            "id": it.name(),
            "shortDescription": {"text": it.description()},
            "defaultConfiguration": {"level": it.severity()},
        })
    });
    let results = findings.iter().map(|it| {
        json!({
            "ruleId": it.class.name(),
            "level": it.class.severity(),
            "message": {"text": it.message},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": it.file},
                "region": {"startLine": it.line, "startColumn": it.column},
            }}],
        })
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "connect-worker",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "results": results.collect::<Json>(),
        }],
    })
}
