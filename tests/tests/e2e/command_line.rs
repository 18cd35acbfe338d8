//! The command line: what it lists, how it is told what to do, how it ends.

use std::path::Path;
use std::process::Output;

use connect_tests::process::Signal;
use connect_tests::worker::command;
use serde_json::json;

use crate::scene::{Scene, on_both_brokers, text};

on_both_brokers!(
    connectors_are_given_in_every_form,
    a_worker_ends_with_the_code_of_its_signal,
    logs_are_json_on_request
);

/// Wrong use of the command line.
const BAD_USE: i32 = 1;
/// A record that cannot be transformed.
const BAD_RECORD: i32 = 4;

async fn connectors_are_given_in_every_form(scene: Scene) {
    let topic = scene.topic();
    let mut worker = scene.worker();
    for (form, file) in [
        ("flat", "flat.json"),
        ("entity", "entity.json"),
        ("java", "java.properties"),
    ] {
        let source = scene.path(&format!("{form}.txt"));
        connect_tests::lines::append(&source, &format!("{form}\n"));
        let (name, source) = (format!("{topic}-{form}"), text(&source));
        let config = json!({
            "connector.class": "FileStreamSource", "file": source, "topic": format!("{topic}-{form}"),
        });
        let content = match form {
            "java" => format!(
                "name={name}\nconnector.class: FileStreamSource\nfile = {source}\ntopic={topic}-\\\n    {form}\n"
            ),
            "flat" => {
                let mut flat = config;
                flat["name"] = json!(name);
                flat.to_string()
            }
            _ => json!({"name": name, "config": config}).to_string(),
        };
        worker = worker.connector_file(file, content.as_bytes());
    }

    let running = worker.start().await;

    for form in ["flat", "entity", "java"] {
        let name = format!("{topic}-{form}");
        running.rest().wait_running(&name, 1).await;
        connect_tests::eventually::eventually(crate::scene::ARRIVAL_LIMIT, &name, async || {
            let values = connect_tests::topic::values(scene.bootstrap(), &name).await;
            if values == [form] {
                Ok(())
            } else {
                Err(values)
            }
        })
        .await;
    }
}

async fn a_worker_ends_with_the_code_of_its_signal(scene: Scene) {
    let worker = scene.worker_with_both();
    for (signal, code) in [(Signal::Terminate, 143), (Signal::Interrupt, 130)] {
        let running = worker.start().await;

        assert_eq!(running.stop(signal).await, code);
    }
}

#[test]
fn plugins_are_listed() {
    let listed = run(&["plugins"]);

    assert_eq!(listed.status.code(), Some(0), "{listed:?}");
    let listed = String::from_utf8(listed.stdout).unwrap();
    for class in [
        "org.apache.kafka.connect.file.FileStreamSinkConnector",
        "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "org.apache.kafka.connect.converters.ByteArrayConverter",
        "org.apache.kafka.connect.json.JsonConverter",
        "org.apache.kafka.connect.storage.StringConverter",
    ] {
        assert!(listed.contains(class), "no {class} in:\n{listed}");
    }
}

#[test]
fn the_version_is_told() {
    let told = run(&["--version"]);

    assert_eq!(told.status.code(), Some(0), "{told:?}");
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains(env!("CARGO_PKG_VERSION")), "{told}");
}

#[test]
fn help_names_every_command() {
    let help = run(&["--help"]);

    assert_eq!(help.status.code(), Some(0), "{help:?}");
    let help = String::from_utf8(help.stdout).unwrap();
    for command in ["standalone", "broker", "plugins"] {
        assert!(help.contains(command), "no {command} in:\n{help}");
    }
}

#[test]
fn wrong_use_is_explained() {
    for (arguments, named) in [
        (&["nonsense"][..], "nonsense"),
        (&["standalone"], "standalone"),
        (&["plugins", "--nonsense"], "--nonsense"),
    ] {
        let output = run(arguments);

        assert_eq!(
            output.status.code(),
            Some(BAD_USE),
            "{arguments:?}: {output:?}"
        );
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains(named) && said.contains("Usage"),
            "{arguments:?}: {said}"
        );
    }
}

/// Runs a command that ends by itself, in a folder without files.
fn run(arguments: &[&str]) -> Output {
    let mut command = command(arguments.iter().copied());
    command
        .current_dir(Path::new("/"))
        .output()
        .expect("the worker can be started")
}

#[test]
fn a_chain_of_transforms_is_tried_out_on_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("c.properties");
    let input = dir.path().join("records");
    let settings = "transforms=cast\n\
                    transforms.cast.type=org.apache.kafka.connect.transforms.Cast$Value\n\
                    transforms.cast.spec=amount:int32\n";
    std::fs::write(&config, settings).unwrap();
    let tried = |record: &str| {
        std::fs::write(&input, record).unwrap();
        let arguments = ["transform", text(&config), "--input", text(&input)];
        command(arguments).output().expect("the worker starts")
    };

    let good = tried("{\"amount\": \"12\"}\n");
    let bad = tried("{\"amount\": \"many\"}\n{\"amount\": \"7\"}\n");
    std::fs::write(&config, settings.replace("$Value", "")).unwrap();
    let unclear = tried("{}");

    assert_eq!(good.status.code(), Some(0));
    assert!(
        stdout(&good).contains("value: {\"amount\": 12}"),
        "{good:?}"
    );
    assert_eq!(bad.status.code(), Some(BAD_RECORD));
    assert!(
        stdout(&bad).contains("field amount, wanted INT32"),
        "{bad:?}"
    );
    assert!(stdout(&bad).contains("value: {\"amount\": 7}"), "{bad:?}");
    assert_eq!(unclear.status.code(), Some(2));
    let hint = String::from_utf8_lossy(&unclear.stderr);
    assert!(hint.contains("Did you mean"), "{hint}");
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

async fn logs_are_json_on_request(scene: Scene) {
    scene.append("1\n");
    let worker = scene.worker_with_both().argument("--log-format=json");

    let mut process = worker.launch();

    let message = |line: &str, message: &str| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        (line["fields"]["message"] == message).then_some(line)
    };
    let limit = crate::scene::ARRIVAL_LIMIT;
    let listening = process
        .wait_log(limit, "its address", |line| {
            message(line, "REST server listening")
        })
        .await;
    assert!(listening["fields"]["url"].is_string(), "{listening}");
    let assigned = process
        .wait_log(limit, "an assignment", |line| {
            message(line, "partitions assigned")
        })
        .await;
    let span = &assigned["span"];
    assert_eq!(span["name"], "task", "{assigned}");
    assert_eq!(span["id"], format!("{}-0", scene.sink_name()), "{assigned}");
}
