//! Connector files on the command line of a standalone worker.

use std::path::{Path, PathBuf};

use connect_core::config::Props;
use serde::Deserialize;

use super::connector::NAME;
use super::json_object::ScalarObject;
use crate::herder::TargetState;
use crate::identity::ConnectorName;
use connect_core::config::properties::{self, SyntaxError};

/// A connector that is to be created, as a file or a request describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewConnector {
    /// Name of the connector.
    pub name: ConnectorName,
    /// Its configuration, with `name`.
    pub config: Props,
    /// What the connector is meant to do at first.
    pub target: TargetState,
}

/// A connector file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectorFileError {
    /// The file cannot be read.
    #[error("cannot read {}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It is neither JSON nor a properties file.
    #[error("{}, {error}", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// What is wrong with it as a properties file.
        error: SyntaxError,
    },
    /// It does not say which connector it describes.
    #[error(
        "Connector configuration at '{}' is missing the mandatory 'name' configuration",
        .0.display()
    )]
    NoName(PathBuf),
    /// It gives two names.
    #[error(
        "Connector name configuration in 'config' doesn't match the one specified in 'name' \
         at '{}'",
        .0.display()
    )]
    TwoNames(PathBuf),
    /// The connector is to begin in a state that does not exist.
    #[error(
        "connector file '{}' asks for the unknown initial state `{state}`; \
         it is RUNNING, PAUSED or STOPPED",
        file.display()
    )]
    UnknownState {
        /// The file.
        file: PathBuf,
        /// What it asks for.
        state: String,
    },
}

impl ConnectorFileError {
    /// The line that is wrong, and what is wrong with it.
    #[must_use]
    pub fn in_line(&self) -> (usize, String) {
        match self {
            Self::Malformed { error, .. } => (error.line, error.problem.to_string()),
            other => (1, other.to_string()),
        }
    }
}

/// Reads a connector file: a flat JSON object, the JSON body of a create request, or properties.
///
/// # Errors
/// When the file cannot be read, has none of these forms, or names no connector or two of them.
pub fn read(file: &Path) -> Result<NewConnector, ConnectorFileError> {
    parse(&read_bytes(file)?, file)
}

/// Reads the configuration in a connector file, which need not name the connector.
///
/// # Errors
/// When the file cannot be read or has none of these forms.
pub fn read_config(file: &Path) -> Result<Props, ConnectorFileError> {
    parse_config(&read_bytes(file)?, file)
}

/// Parses the configuration in a connector file; `file` is its name in messages.
///
/// # Errors
/// When it has none of the forms of such files.
pub fn parse_config(bytes: &[u8], file: &Path) -> Result<Props, ConnectorFileError> {
    if let Some(ScalarObject(config)) = leading_json(bytes) {
        return Ok(config);
    }
    if let Some(CreateRequest { name, config, .. }) = leading_json(bytes) {
        let mut config = config.0;
        if name.is_some() && !config.contains_key(NAME) {
            config.insert(NAME, name);
        }
        return Ok(config);
    }
    parse_properties(bytes, file)
}

fn read_bytes(file: &Path) -> Result<Vec<u8>, ConnectorFileError> {
    std::fs::read(file).map_err(|source| ConnectorFileError::Unreadable {
        file: file.to_owned(),
        source,
    })
}

fn parse_properties(bytes: &[u8], file: &Path) -> Result<Props, ConnectorFileError> {
    properties::parse_latin1(bytes).map_err(|error| ConnectorFileError::Malformed {
        file: file.to_owned(),
        error,
    })
}

/// Parses the content of a connector file; `file` is its name in messages.
///
/// # Errors
/// As for [`read`].
pub fn parse(bytes: &[u8], file: &Path) -> Result<NewConnector, ConnectorFileError> {
    if let Some(ScalarObject(config)) = leading_json(bytes) {
        return flat(config, file);
    }
    if let Some(request) = leading_json::<CreateRequest>(bytes) {
        return request.into_connector(file);
    }
    flat(parse_properties(bytes, file)?, file)
}

/// The JSON document at the start of a file. Whatever follows it is ignored.
fn leading_json<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    T::deserialize(&mut serde_json::Deserializer::from_slice(text)).ok()
}

fn flat(config: Props, file: &Path) -> Result<NewConnector, ConnectorFileError> {
    let name = config
        .get(NAME)
        .ok_or_else(|| ConnectorFileError::NoName(file.to_owned()))?;
    let name = ConnectorName::from(name);
    Ok(NewConnector {
        name,
        config,
        target: TargetState::Started,
    })
}

/// The body of `POST /connectors`; fields that are not known are ignored.
#[derive(Deserialize)]
struct CreateRequest {
    name: Option<String>,
    config: ScalarObject,
    initial_state: Option<String>,
}

impl CreateRequest {
    fn into_connector(self, file: &Path) -> Result<NewConnector, ConnectorFileError> {
        let Self {
            name,
            config: ScalarObject(mut config),
            initial_state,
        } = self;
        let name = name.ok_or_else(|| ConnectorFileError::NoName(file.to_owned()))?;
        if !config.contains_key(NAME) {
            config.insert(NAME, Some(name.clone()));
        }
        if config.get(NAME) != Some(&name) {
            return Err(ConnectorFileError::TwoNames(file.to_owned()));
        }
        let target = match initial_state {
            None => TargetState::Started,
            Some(state) => target(&state).ok_or_else(|| ConnectorFileError::UnknownState {
                file: file.to_owned(),
                state,
            })?,
        };
        Ok(NewConnector {
            name: name.into(),
            config,
            target,
        })
    }
}

/// The state that `initial_state` asks for, in any case; `None` if there is no such state.
#[must_use]
pub fn target(state: &str) -> Option<TargetState> {
    let states = [
        ("RUNNING", TargetState::Started),
        ("PAUSED", TargetState::Paused),
        ("STOPPED", TargetState::Stopped),
    ];
    let named = states
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(state));
    named.map(|(_, target)| target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<NewConnector, String> {
        parse(text.as_bytes(), Path::new("c.x")).map_err(|err| err.to_string())
    }

    #[track_caller]
    fn check(text: &str, name: &str, config: &[(&str, Option<&str>)], target: TargetState) {
        let connector = parsed(text).unwrap();

        assert_eq!(connector.name.as_str(), name);
        assert_eq!(connector.config.iter().collect::<Vec<_>>(), config);
        assert_eq!(connector.target, target);
    }

    #[track_caller]
    fn check_error(text: &str, message: &str) {
        assert_eq!(parsed(text).unwrap_err(), message);
    }

    #[test]
    fn a_flat_object_is_a_configuration() {
        check(
            r#"{"name":"c","tasks.max":2,"x":null}"#,
            "c",
            &[("name", Some("c")), ("tasks.max", Some("2")), ("x", None)],
            TargetState::Started,
        );
    }

    #[test]
    fn a_create_request_gives_its_name_to_the_configuration() {
        check(
            r#"{"name":"c","config":{"a":"1"},"initial_state":"paused","more":[1]}"#,
            "c",
            &[("a", Some("1")), ("name", Some("c"))],
            TargetState::Paused,
        );
    }

    #[test]
    fn a_create_request_may_repeat_its_name() {
        check(
            r#"{"config":{"name":"c"},"initial_state":null,"name":"c"}"#,
            "c",
            &[("name", Some("c"))],
            TargetState::Started,
        );
    }

    #[test]
    fn properties_keep_the_blanks_after_a_name() {
        let config = [("name", Some("c ")), ("a", Some("1"))];

        check("name=c \na=1", "c ", &config, TargetState::Started);
    }

    #[test]
    fn text_after_a_document_and_a_mark_before_it_are_ignored() {
        check(
            "\u{feff}{\"name\":\"c\"} tail",
            "c",
            &[("name", Some("c"))],
            TargetState::Started,
        );
    }

    #[test]
    fn a_file_without_name_is_refused_in_every_form() {
        let message = "Connector configuration at 'c.x' is missing the mandatory 'name' \
                       configuration";

        check_error(r#"{"a":"b"}"#, message);
        check_error(r#"{"config":{}}"#, message);
        check_error("a=b", message);
        check_error(r#"{"name":"c""#, message);
        check_error("", message);
    }

    #[test]
    fn two_names_are_refused() {
        check_error(
            r#"{"name":"c","config":{"name":"d"}}"#,
            "Connector name configuration in 'config' doesn't match the one specified in 'name' \
             at 'c.x'",
        );
    }

    #[test]
    fn an_unknown_initial_state_is_refused() {
        check_error(
            r#"{"name":"c","config":{},"initial_state":"ASLEEP"}"#,
            "connector file 'c.x' asks for the unknown initial state `ASLEEP`; \
             it is RUNNING, PAUSED or STOPPED",
        );
    }

    #[test]
    fn a_malformed_properties_file_is_reported_with_its_line() {
        check_error(
            "name=c\na=\\u",
            r"c.x, line 2: Malformed \uxxxx encoding. `\u` lacks hexadecimal digits",
        );
    }

    #[test]
    fn a_missing_file_is_reported() {
        let error = read(Path::new("/nonexistent/c.json")).unwrap_err();

        assert_eq!(error.to_string(), "cannot read /nonexistent/c.json");
    }
}
