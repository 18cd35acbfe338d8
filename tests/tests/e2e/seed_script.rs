//! An operator's script, run with a shell and curl.

use std::process::Command;

use crate::scene::{Scene, on_both_brokers, text};

on_both_brokers!(the_seed_script_of_an_operator_works);

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/seed.sh");

async fn the_seed_script_of_an_operator_works(scene: Scene) {
    scene.append("1\n2\n");
    let worker = scene.worker().start().await;
    let (source, sink) = (scene.source_file(), scene.sink_file());
    let mut script = Command::new("sh");
    script
        .arg(SCRIPT)
        .arg(worker.url().trim_end_matches('/'))
        .args([text(&source), text(&sink), scene.topic()]);

    let run = tokio::task::spawn_blocking(move || script.output());

    let output = run.await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
}
