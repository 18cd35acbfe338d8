//! `connect-worker new`, and crates outside of the workspace.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use connect_tests::worker::command;

const KINDS: [&str; 3] = ["source", "sink", "transform"];

fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent()
        .expect("this crate lies in the workspace")
        .to_owned()
}

fn new(folder: &Path, arguments: &[&str]) -> Output {
    let arguments = std::iter::once("new").chain(arguments.iter().copied());
    let mut command = command(arguments);
    command
        .current_dir(folder)
        .output()
        .expect("the worker can be started")
}

/// Cargo without a network, in a workspace of the crates at hand; what it printed.
#[track_caller]
fn cargo(folder: &Path, command: &str, arguments: &[&str]) -> String {
    // Dependencies are built once and kept for the next run of the tests.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("authors");
    let output = Command::new(env!("CARGO"))
        .args([command, "--offline", "--quiet"])
        .arg("--target-dir")
        .arg(target)
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("cargo can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "cargo {command}\n{said}\n{printed}"
    );
    printed.into_owned()
}

#[test]
fn crates_compile_and_pass_their_tests_as_they_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let sdk = root().join("connect-core");
    let sdk = sdk.to_str().expect("the path is text");
    for kind in KINDS {
        let output = new(folder, &[kind, &format!("my-{kind}"), "--path", sdk]);

        assert!(output.status.success(), "{output:?}");
        let files = fs::read_dir(folder.join(format!("my-{kind}/src")))
            .unwrap()
            .count()
            + 1;
        assert!(files <= 3, "{files} files");
    }
    for example in ["smallest", "rebranded", "rebranded/sdk"] {
        add_example(folder, example, sdk);
    }
    let own = KINDS.map(|it| format!("my-{it}"));
    let examples = ["smallest", "rebranded", "rebranded/sdk"].map(str::to_owned);
    let workspace = serde_json::json!([own.as_slice(), &examples].concat());
    let workspace = format!("[workspace]\nresolver = \"3\"\nmembers = {workspace}\n");
    fs::write(folder.join("Cargo.toml"), workspace).unwrap();
    // The versions that are on this machine, of packages and of the compiler.
    for file in ["Cargo.lock", "rust-toolchain.toml"] {
        fs::copy(root().join(file), folder.join(file)).unwrap();
    }

    cargo(folder, "test", &["--workspace"]);
    // What another name for the SDK does to the macros shows at run time, too.
    assert_eq!(
        cargo(folder, "run", &["--package", "rebranded-connectors"]),
        "sink CountSink\nsource CountSource\nsource CountsSource\nconverter NullConverter\n\
         converter NullHeaderConverter\ntransform ForgetKey\npredicate HasNoValue\n\
         provider NoConfigProvider\npolicy LaxPolicy\nextension Bystander\n"
    );
    let lints = ["--workspace", "--all-targets", "--", "-D", "warnings"];
    cargo(folder, "clippy", &lints);
    let format = Command::new(env!("CARGO"))
        .args(["fmt", "--all", "--check"])
        .current_dir(folder)
        .output()
        .expect("cargo can be started");
    assert!(format.status.success(), "{format:?}");
}

/// A crate that lies in this repository but not in its workspace.
fn add_example(folder: &Path, name: &str, sdk: &str) {
    let example = root().join("examples").join(name);
    let copy = folder.join(name);
    fs::create_dir_all(copy.join("src")).expect("files can be copied");
    for file in fs::read_dir(example.join("src")).expect("files can be copied") {
        let file = file.expect("files can be copied");
        fs::copy(file.path(), copy.join("src").join(file.file_name()))
            .expect("files can be copied");
    }
    let manifest = fs::read_to_string(example.join("Cargo.toml")).expect("files can be copied");
    // From wherever the example lies to the SDK.
    let manifest = manifest
        .lines()
        .map(|line| match line.split_once("path = \"../") {
            Some((dependency, _)) => format!("{dependency}path = \"{sdk}\" }}\n"),
            None => format!("{line}\n"),
        });
    let manifest: String = manifest.collect();
    fs::write(copy.join("Cargo.toml"), manifest).expect("files can be copied");
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("orders/kept");
    fs::create_dir(folder.path().join("orders")).unwrap();
    fs::write(&kept, "as it was").unwrap();

    let output = new(folder.path(), &["source", "orders"]);

    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("orders: ") && said.contains("exists"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(kept).unwrap(), "as it was");
    assert_eq!(
        fs::read_dir(folder.path().join("orders")).unwrap().count(),
        1
    );
}

#[test]
fn what_is_no_name_or_no_sdk_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("Cargo.toml"),
        "[package]\nname = \"other\"\n",
    )
    .unwrap();
    for (arguments, code, named) in [
        (
            &["source", "My Source"][..],
            1,
            "`My Source` is not the name of a crate",
        ),
        (&["stream", "orders"], 1, "stream"),
        (
            &["sink", "orders", "--path", "."],
            1,
            "not the folder of connect-core",
        ),
        (&["sink", "orders", "--path", "nowhere"], 2, "nowhere"),
    ] {
        let output = new(folder.path(), arguments);

        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {output:?}"
        );
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(named), "{arguments:?}: {said}");
        assert!(!folder.path().join("orders").exists());
    }
}
