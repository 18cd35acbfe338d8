//! What entries are made of: a member that nobody reads is a mistake, not a wish that is left out.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::Vector;

/// Members of the entries of a file, beside `id`, `note`, and `output` or `error`.
const OF_ENTRIES: [(&str, &[&str]); 7] = [
    (
        "transforms.json",
        &["smt", "predicate", "config", "input", "outputValid"],
    ),
    ("drop.json", &["smt", "config", "input", "outputValid"]),
    (
        "json-converter.json",
        &[
            "converter",
            "isKey",
            "op",
            "config",
            "schema",
            "value",
            "bytes",
        ],
    ),
    (
        "simple-converters.json",
        &[
            "converter",
            "isKey",
            "op",
            "config",
            "schema",
            "value",
            "bytes",
        ],
    ),
    ("values.json", &["op", "string", "schema", "value", "scale"]),
    (
        "data-model.json",
        &["op", "schema", "value", "source", "target", "a", "b"],
    ),
    (SCRIPTS, &["config", "storedOffset", "steps", "polls"]),
];

/// Scripts, which say what comes of each step.
const SCRIPTS: &str = "file-source.json";

const OF_ERRORS: &[&str] = &["phase", "type", "message", "portable", "cause"];

const OF_RECORDS: &[&str] = &[
    "recordType",
    "topic",
    "partition",
    "timestamp",
    "offset",
    "keySchema",
    "key",
    "valueSchema",
    "value",
    "headers",
];

/// Checks that an entry has an outcome, and only members that are read.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(file: &str, vector: &Vector) -> Result<(), String> {
    let Some((_, members)) = OF_ENTRIES.iter().find(|(name, _)| *name == file) else {
        return Err(format!("there are no vectors in {file}"));
    };
    let common = ["id", "note", "output", "error"];
    let known: Vec<&str> = members.iter().copied().chain(common).collect();
    only(&vector.json, "entry", &known)?;
    only(vector.get("error"), "error", OF_ERRORS)?;
    if members.contains(&"input") {
        only(vector.get("input"), "record", OF_RECORDS)?;
        only(vector.get("output"), "record", OF_RECORDS)?;
    }
    let has = |member: &str| vector.json.get(member).is_some();
    match (file == SCRIPTS, has("output"), has("error")) {
        (true, false, false) | (false, true, false) | (false, false, true) => Ok(()),
        (true, _, _) => Err("a script has outcomes of its own".to_owned()),
        (false, _, _) => Err("there is either an output or an error".to_owned()),
    }
}

/// Checks that entries have names of their own.
///
/// # Errors
/// The name that is there twice.
pub(super) fn check_names(vectors: &[Vector]) -> Result<(), String> {
    let mut names = HashSet::new();
    match vectors.iter().find(|it| !names.insert(it.id())) {
        None => Ok(()),
        Some(twice) => Err(format!("there are two entries {}", twice.id())),
    }
}

fn only(object: &Json, what: &str, known: &[&str]) -> Result<(), String> {
    let mut members = object.as_object().into_iter().flatten();
    match members.find(|(name, _)| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some((name, _)) => Err(format!("{what}: nobody knows what {name} means")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn refused(json: Json, problem: &str) {
        let vector = Vector { json };
        assert_eq!(check("drop.json", &vector), Err(problem.to_owned()));
    }

    #[test]
    fn what_nobody_reads_is_refused() {
        refused(
            json!({"id": "a", "output": null, "outptuValid": true}),
            "entry: nobody knows what outptuValid means",
        );
        refused(
            json!({"id": "a", "output": null, "input": {"offsett": 1}}),
            "record: nobody knows what offsett means",
        );
        refused(
            json!({"id": "a", "error": {"text": "x"}}),
            "error: nobody knows what text means",
        );
    }

    #[test]
    fn there_is_one_outcome() {
        let problem = "there is either an output or an error";
        refused(json!({"id": "a"}), problem);
        refused(json!({"id": "a", "output": null, "error": {}}), problem);
    }

    #[test]
    fn names_are_unique() {
        let vector = || Vector {
            json: json!({"id": "a"}),
        };

        assert_eq!(check_names(&[vector()]), Ok(()));
        assert!(check_names(&[vector(), vector()]).is_err());
    }
}
