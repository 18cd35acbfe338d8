//! The command line tools of the reference.

use std::process::{Output, Stdio};

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::jars;

const HEAP: &str = "128m";

/// Runs a tool with `input` on its standard input; `None` after a visible line where this machine cannot run it.
///
/// # Panics
///
/// If the tool cannot be started.
pub async fn tool(main_class: &str, arguments: &[&str], input: &str) -> Option<Output> {
    let jars = jars().await?;
    let mut command = jars.java(main_class, HEAP);
    command.args(arguments);
    let mut command = Command::from(command);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .kill_on_drop(true)
        .spawn()
        .expect("Java can be started");
    let mut stdin = child.stdin.take().expect("the input is a pipe");
    // A tool that reads nothing may have ended before.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    Some(
        child
            .wait_with_output()
            .await
            .expect("a child can be waited for"),
    )
}
