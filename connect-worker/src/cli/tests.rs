//! Arguments and failures; commands as a whole are run by the end-to-end tests.

use std::path::Path;

use super::*;

fn parsed(arguments: &[&str]) -> Result<Arguments, String> {
    let arguments = std::iter::once(&"connect-worker").chain(arguments);
    Arguments::try_parse_from(arguments).map_err(|error| error.to_string())
}

fn standalone(arguments: &[&str]) -> standalone::Arguments {
    match parsed(&[&["standalone"], arguments].concat())
        .unwrap()
        .command
    {
        Some(Command::Standalone(arguments)) => arguments,
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_a_command_there_is_the_quick_start() {
    assert!(parsed(&[]).unwrap().command.is_none());
    assert!(parsed(&["--log", "debug"]).unwrap().command.is_none());
}

#[test]
fn a_worker_takes_files_of_connectors() {
    let arguments = standalone(&["w.properties", "a.json", "b.properties"]);

    assert_eq!(arguments.worker, "w.properties");
    assert_eq!(
        arguments.connectors,
        [Path::new("a.json"), Path::new("b.properties")]
    );
    assert_eq!(arguments.embedded_broker, None);
}

#[test]
fn a_worker_may_have_no_settings_at_all() {
    assert_eq!(standalone(&[""]).worker, "");
    assert!(
        parsed(&["standalone"])
            .unwrap_err()
            .contains("WORKER.properties")
    );
}

#[test]
fn the_folder_of_the_embedded_broker_may_be_left_out() {
    let folder = |option| {
        standalone(&["w", option, "c.json"])
            .embedded_broker
            .unwrap()
    };

    assert_eq!(folder("--embedded-broker"), Path::new("connect-broker"));
    assert_eq!(folder("--embedded-broker=data"), Path::new("data"));
}

#[test]
fn a_broker_needs_a_folder() {
    assert!(parsed(&["broker"]).unwrap_err().contains("--data-dir"));
    assert!(parsed(&["broker", "--data-dir", "d", "--listen", "nowhere"]).is_err());
    assert!(parsed(&["broker", "--data-dir", "d", "--listen", "[::1]:0"]).is_ok());
}

#[test]
fn levels_that_make_no_sense_are_a_mistake_in_the_call() {
    let failure = logging::levels("info,a=loud").unwrap_err();

    assert_eq!(failure.exit(), Exit::Usage);
    let message = failure.to_string();
    assert!(
        message.starts_with("--log: `info,a=loud` is not a list of log levels: "),
        "{message}"
    );
    assert!(logging::levels("warn,connect_worker=trace").is_ok());
}

#[test]
fn a_failure_tells_its_causes_once() {
    #[derive(Debug, thiserror::Error)]
    #[error("cannot read {file}")]
    struct Outer {
        file: &'static str,
        source: Middle,
    }
    #[derive(Debug, thiserror::Error)]
    #[error("no access: {0}")]
    struct Middle(#[source] std::io::Error);

    let cause = std::io::Error::other("locked");
    let error = Outer {
        file: "f",
        source: Middle(cause),
    };

    let failure = Failure::start(&error).about("w.properties");

    assert_eq!(
        failure.to_string(),
        "w.properties: cannot read f: no access: locked"
    );
    assert_eq!(failure.exit().code(), 3);
}
