//! Child processes that never outlive the test process, however that one ends.
//!
//! Output goes to a file, so a chatty child never blocks and no thread has to read along.
#![expect(
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a harness reports by failing the test"
)]

use std::fs::File;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::eventually::eventually;

/// How many lines of a log a failure shows.
const SHOWN_LOG_LINES: usize = 40;

/// Runs until its input ends without a line, which is what the death of the test process looks like.
const GUARD: &str = r#"read -r _ && exit; kill -9 "$0"; [ -z "$1" ] || { sleep 1; rm -rf "$1"; }"#;

/// What a test sends to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM.
    Terminate,
    /// SIGINT.
    Interrupt,
    /// SIGKILL.
    Kill,
    /// SIGSTOP: it hangs until it is told to go on.
    Stop,
    /// SIGCONT.
    Continue,
}

impl Signal {
    fn option(self) -> &'static str {
        match self {
            Self::Terminate => "-TERM",
            Self::Interrupt => "-INT",
            Self::Kill => "-KILL",
            Self::Stop => "-STOP",
            Self::Continue => "-CONT",
        }
    }
}

/// A running child. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    guard: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command` with its output in the file `log`.
    #[must_use]
    pub fn start(name: &str, command: Command, log: &Path) -> Self {
        Self::spawn(name, command, log, "")
    }

    /// Starts a process that lives as long as the test process, in a directory of its own that is removed afterwards.
    #[must_use]
    pub fn start_in(name: &str, command: Command, log: &Path, scratch: TempDir) -> Self {
        let scratch = scratch.keep();
        let scratch = scratch.to_str().expect("a temporary path is text");
        Self::spawn(name, command, log, scratch)
    }

    fn spawn(name: &str, mut command: Command, log: &Path, scratch: &str) -> Self {
        let output = File::create(log)
            .unwrap_or_else(|error| panic!("{name}: cannot write {}: {error}", log.display()));
        let errors = output
            .try_clone()
            .expect("an open file has room for a second handle");
        let child = command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: cannot start {command:?}: {error}"));
        let guard = Command::new("sh")
            .args(["-c", GUARD, &child.id().to_string(), scratch])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: cannot start its guard: {error}"));
        Self {
            name: name.to_owned(),
            child,
            guard,
            log: log.to_owned(),
        }
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything that the process has written so far.
    #[must_use]
    pub fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The last lines of the log, for failure messages.
    #[must_use]
    pub fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let shown = lines.len().saturating_sub(SHOWN_LOG_LINES);
        format!(
            "last lines of {}:\n{}",
            self.name,
            lines[shown..].join("\n")
        )
    }

    /// Shows with the failure of a test what this process had to say.
    #[expect(clippy::print_stdout, reason = "that is where failures are shown")]
    fn show_log(&self) {
        println!("{}", self.log_tail());
    }

    /// Sends a signal and returns at once.
    pub fn signal(&mut self, signal: Signal) {
        // Signalling by number would need unsafe code; the shell's own `kill` is everywhere.
        let sent = Command::new("sh")
            .args([
                "-c",
                r#"kill "$0" "$1""#,
                signal.option(),
                &self.pid().to_string(),
            ])
            .status()
            .expect("there is a shell");
        assert!(
            sent.success(),
            "{}: cannot send {signal:?}\n{}",
            self.name,
            self.log_tail()
        );
    }

    /// SIGKILL, and returns when the process is gone.
    pub fn kill(&mut self) {
        // Both fail only if the process has ended already, and then the goal is reached.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The exit code if the process has ended; 128 + n after signal n, as a shell shows it.
    pub fn exit_code(&mut self) -> Option<i32> {
        let status = self.child.try_wait().expect("a child can be waited for");
        status.map(|status| shell_code(self.name.as_str(), status))
    }

    /// Waits for the end of the process and returns its exit code.
    pub async fn wait_exit(&mut self, deadline: Duration) -> i32 {
        let what = format!("end of {}", self.name);
        eventually(deadline, &what, async || {
            self.exit_code().ok_or_else(|| self.log_tail())
        })
        .await
    }

    /// Waits until a line of the log satisfies `pick`, and fails if the process ends before.
    pub async fn wait_log<T>(
        &mut self,
        deadline: Duration,
        what: &str,
        pick: impl Fn(&str) -> Option<T>,
    ) -> T {
        eventually(deadline, &format!("{}: {what}", self.name), async || {
            // The order matters: a process may write the line and end between the two looks.
            let ended = self.exit_code();
            if let Some(found) = self.log().lines().find_map(&pick) {
                return Ok(found);
            }
            match ended {
                Some(code) => {
                    panic!(
                        "{}: ended with {code} before {what}\n{}",
                        self.name,
                        self.log_tail()
                    )
                }
                None => Err(self.log_tail()),
            }
        })
        .await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            self.show_log();
        }
        if let Some(mut release) = self.guard.stdin.take() {
            // A guard that is gone needs no release.
            let _ = release.write_all(b"\n");
        }
        let _ = self.guard.wait();
    }
}

fn shell_code(name: &str, status: ExitStatus) -> i32 {
    let code = status
        .code()
        .or_else(|| status.signal().map(|number| 128 + number));
    code.unwrap_or_else(|| panic!("{name}: ended with neither code nor signal: {status}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    fn shell(script: &str, log: &Path) -> Process {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Process::start("script", command, log)
    }

    #[tokio::test]
    async fn output_and_exit_code_are_seen() {
        let dir = TempDir::new().unwrap();
        let mut process = shell("echo out; echo err >&2; exit 7", &dir.path().join("log"));

        assert_eq!(process.wait_exit(LIMIT).await, 7);

        assert_eq!(process.log(), "out\nerr\n");
    }

    #[tokio::test]
    async fn an_end_by_signal_has_the_shells_code() {
        let dir = TempDir::new().unwrap();
        let mut process = shell("echo up; exec sleep 100", &dir.path().join("log"));
        process
            .wait_log(LIMIT, "being up", |line| (line == "up").then_some(()))
            .await;

        process.signal(Signal::Terminate);

        assert_eq!(process.wait_exit(LIMIT).await, 143);
    }

    /// The parent is itself a script here: it starts a guarded `sleep` and is killed.
    #[tokio::test]
    async fn the_guard_kills_the_child_and_removes_its_directory_when_the_parent_dies() {
        let dir = TempDir::new().unwrap();
        let scratch = dir.path().join("scratch");
        std::fs::create_dir(&scratch).unwrap();
        let script = format!(
            r#"sleep 100 & child=$!
               mkfifo "{dir}/pipe"; sh -c '{GUARD}' $child "{scratch}" <"{dir}/pipe" >/dev/null 2>&1 &
               exec 9>"{dir}/pipe"; echo $child; wait $child; sleep 100 9>&-"#,
            dir = dir.path().display(),
            scratch = scratch.display(),
        );
        let mut parent = shell(&script, &dir.path().join("log"));
        let child: u32 = parent
            .wait_log(LIMIT, "the child", |line| line.parse().ok())
            .await;
        let state = PathBuf::from(format!("/proc/{child}/stat"));
        assert!(state.exists());

        parent.kill();

        eventually(LIMIT, "end of the child", async || {
            // A killed process stays listed as a zombie until its new parent looks at it.
            let stat = std::fs::read_to_string(&state).unwrap_or_default();
            if stat.is_empty() || stat.contains(") Z ") {
                Ok(())
            } else {
                Err(stat)
            }
        })
        .await;
        eventually(LIMIT, "removal of the directory", async || {
            if scratch.exists() {
                Err("still there")
            } else {
                Ok(())
            }
        })
        .await;
    }
}
