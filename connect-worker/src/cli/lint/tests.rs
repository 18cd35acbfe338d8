//! Files of connectors with mistakes, and what is said of them.

use std::fs;

use connect_core::ConnectError;

use super::*;
use crate::config::fixtures;

/// The findings about a file with this text, a line each.
async fn lint(name: &str, text: &str, worker: Option<&str>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, text).unwrap();
    let worker_file = folder.path().join("worker.properties");
    if let Some(worker) = worker {
        fs::write(&worker_file, worker).unwrap();
    }
    let registry = plugins::registry().unwrap();
    let linter = Linter::new(worker.map(|_| worker_file.as_path()), &registry).unwrap();
    let findings = linter.look_at(&file).await.unwrap();
    let folder = format!("{}/", folder.path().display());
    to_text(&findings).replace(&folder, "")
}

#[tokio::test]
async fn a_good_file_has_no_findings() {
    let text = "name=a\nconnector.class=FileStreamSource\ntopic=t\nfile=f\ntasks.max=1\n\
                topic.creation.default.partitions=1\ntopic.creation.default.replication.factor=1\n\
                transforms=x\ntransforms.x.type=org.apache.kafka.connect.transforms.HoistField$Value\ntransforms.x.field=f\n\
                value.converter=JsonConverter\nvalue.converter.schemas.enable=false\n\
                producer.override.linger.ms=5\n";

    assert_eq!(lint("a.properties", text, None).await, "");
}

#[tokio::test]
async fn findings_have_a_class_and_a_place() {
    let text = "# a source\nname=a\nconnector.class=FileStreamSource\n  topics=t\n\
                batch.size=many\nbatch.size=few\nowner=me\n";

    assert_eq!(
        lint("a.properties", text, None).await,
        "a.properties:3:1: error[invalid]: Missing required configuration \"topic\" which has no \
         default value.\n\
         a.properties:4:3: error[unknown-key]: `topics` is not a key of this connector; did you \
         mean `topic`?\n\
         a.properties:5:1: warning[repeated-key]: `batch.size` is written again in line 6, which \
         counts\n\
         a.properties:6:1: error[invalid]: Invalid value few for configuration batch.size: Not a \
         number of type INT\n\
         a.properties:7:1: error[unknown-key]: `owner` is not a key of this connector\n"
    );
}

#[tokio::test]
async fn a_predicate_that_is_not_there_is_found() {
    let text = "name=a\nconnector.class=FileStreamSource\ntopic=t\ntransforms=x,y\n\
                transforms.x.type=Filter\ntransforms.x.predicate=p\n\
                transforms.y.type=Filter\ntransforms.y.predicate=${env:NAME}\n";

    assert_eq!(
        lint("a.properties", text, None).await,
        "a.properties:6:1: error[invalid]: `p` is no alias in `predicates`\n"
    );
}

#[tokio::test]
async fn json_is_looked_at_like_properties() {
    let text = "{\n  \"name\": \"a\",\n  \"config\": {\n    \"connector.class\": \"FileStreamSink\",\n    \
                \"topics\": \"t\", \"fiel\": \"f\"\n  }\n}\n";

    assert_eq!(
        lint("a.json", text, None).await,
        "a.json:5:20: error[unknown-key]: `fiel` is not a key of this connector; did you mean \
         `file`?\n"
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_a_finding_as_well() {
    assert_eq!(
        lint("a.properties", "name=a\ntopic=\\u1\n", None).await,
        "a.properties:2:1: error[malformed]: Malformed \\uxxxx encoding. `\\u1` lacks hexadecimal \
         digits\n"
    );
    let unknown = lint("a.properties", "name=a\nconnector.class=Nothing\n", None).await;
    assert!(
        unknown.starts_with("a.properties:2:1: error[no-connector]: Failed to find any class"),
        "{unknown}"
    );
}

#[tokio::test]
async fn references_are_looked_up_where_a_worker_has_providers() {
    let text = "name=a\nconnector.class=FileStreamSource\ntopic=t\nbatch.size=${dir:/no:size}\n";
    let worker = "key.converter=JsonConverter\nvalue.converter=JsonConverter\n\
                  offset.storage.file.filename=f\n";

    assert_eq!(lint("a.properties", text, None).await, "");
    assert_eq!(lint("a.properties", text, Some(worker)).await, "");

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("size"), "hunter2").unwrap();
    let text = text.replace("/no", &folder.path().display().to_string());
    let worker = format!(
        "{worker}config.providers=dir\nconfig.providers.dir.class=DirectoryConfigProvider\n"
    );
    let findings = lint("a.properties", &text, Some(&worker)).await;
    assert!(
        findings.contains("a.properties:4:1: error[invalid]"),
        "{findings}"
    );
    assert!(!findings.contains("hunter2"), "{findings}");
}

#[tokio::test]
async fn good_configurations_are_tried_if_that_is_wanted() {
    let all = fixtures::plugins();
    let all = all.iter().map(|it| {
        let mut plugin = *it;
        plugin.config.probe = |_| Box::pin(async { Err(ConnectError::fatal("nobody is there")) });
        plugin
    });
    let plugins = PluginRegistry::new(all).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.properties");
    fs::write(&file, "name=a\nconnector.class=FileStreamSource\ntopic=t\n").unwrap();

    let linter = Linter::new(None, &plugins).unwrap();
    assert_eq!(linter.look_at(&file).await.unwrap(), []);
    let probing = Linter {
        is_probing: true,
        ..linter
    };
    let findings = probing.look_at(&file).await.unwrap();

    assert_eq!((findings[0].line, findings[0].class), (2, Class::Invalid));
    assert!(
        findings[0]
            .message
            .ends_with("cannot work with this: nobody is there")
    );
}

#[test]
fn findings_can_be_read_by_programs() {
    let findings = [Finding::new(Class::UnknownKey, "a", None, "no key")];

    assert_eq!(to_json(&findings)[0]["class"], "unknown-key");
    let sarif = to_sarif(&findings);
    assert_eq!(sarif["version"], "2.1.0");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "unknown-key");
    assert_eq!(result["level"], "error");
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    assert_eq!(rules.len(), 6);
}
