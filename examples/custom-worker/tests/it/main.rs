//! The binary has the connectors of the worker and those that it links itself.

use std::process::Command;

#[test]
fn its_own_connectors_are_listed_beside_the_bundled_ones() {
    let binary = env!("CARGO_BIN_EXE_custom-worker");
    let output = Command::new(binary).arg("plugins").output().unwrap();

    assert!(output.status.success(), "{output:?}");
    let list = String::from_utf8(output.stdout).unwrap();
    let line = list
        .lines()
        .find(|it| it.contains("org.example.GreetingSource"));
    let line = line.unwrap_or_else(|| panic!("not in the list:\n{list}"));
    assert!(line.starts_with("source ") && line.ends_with("Greets somebody again and again."));
    for crate_outside in ["TickSource", "PrintSink"] {
        assert!(
            list.contains(crate_outside),
            "no {crate_outside} in:\n{list}"
        );
    }
    assert!(
        list.contains("org.apache.kafka.connect.file.FileStreamSinkConnector"),
        "{list}"
    );
}
