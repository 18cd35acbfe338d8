//! Connectors, tasks, converters, transforms and predicates that misbehave in each of their methods.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::eventually::eventually;
use crate::rest::Rest;

const LISTED_LIMIT: Duration = Duration::from_secs(30);

const MANNERS: [&str; 5] = ["block", "hang", "panic", "error", "allocate"];
const SOURCE: [&str; 5] = ["start", "poll", "commit", "stop", "garbage"];
const SINK: [&str; 7] = [
    "start",
    "put",
    "pre_commit",
    "open",
    "close",
    "stop",
    "garbage",
];
const CONNECTOR: [&str; 6] = [
    "connector start",
    "plan",
    "watch",
    "connector stop",
    "on_created",
    "too many",
];

/// Where they run: a source and a sink that are healthy, from which others are made.
#[derive(Clone, Debug)]
pub struct Mischief {
    /// Configuration of the source.
    pub source: Value,
    /// Configuration of the sink.
    pub sink: Value,
    /// What names of connectors and topics begin with.
    pub name: String,
    /// Where files are.
    pub folder: PathBuf,
}

/// A configuration whose keys below `prefix` say what goes wrong.
#[must_use]
pub fn misbehaving(mut config: Value, prefix: &str, method: &str, manner: &str) -> Value {
    config["tasks.max"] = json!("1");
    config[format!("{prefix}method")] = json!(method);
    config[format!("{prefix}manner")] = json!(manner);
    config
}

impl Mischief {
    /// All that can go wrong in one manner, with a name for each.
    fn all(&self, manner: &str) -> Vec<(String, Value)> {
        let class = |class: &str| json!({"connector.class": format!("org.example.{class}")});
        let mut all = Vec::new();
        for method in SOURCE {
            let config = misbehaving(class("MisbehavingSource"), "", method, manner);
            all.push((format!("source-{method}"), config));
        }
        for method in SINK {
            let mut config = misbehaving(class("MisbehavingSink"), "", method, manner);
            config["topics"] = self.sink["topics"].clone();
            all.push((format!("sink-{method}"), config));
        }
        for method in CONNECTOR {
            let config = misbehaving(class("MisbehavingConnector"), "", method, manner);
            all.push((format!("connector-{method}"), config));
        }
        all.extend(self.parts(manner));
        let named = |(name, config)| (format!("{}-{name}-{manner}", self.name), config);
        all.into_iter().map(named).collect()
    }

    /// Healthy tasks whose converters, transforms or predicates are not.
    fn parts(&self, manner: &str) -> Vec<(String, Value)> {
        let mut source = self.source.clone();
        source["topic"] = json!(format!("{}-elsewhere", self.name));
        let mut sink = self.sink.clone();
        sink["file"] = json!(self.folder.join(format!("elsewhere-{manner}.txt")));
        let mut all = Vec::new();
        for (name, config, method) in [
            ("from_connect", &source, "from_connect"),
            ("to_connect", &sink, "to_connect"),
            ("converter-new", &source, "new"),
        ] {
            let mut config = config.clone();
            config["value.converter"] = json!("org.example.MisbehavingConverter");
            let config = misbehaving(config, "value.converter.", method, manner);
            all.push((name.to_owned(), config));
        }
        for method in ["new", "apply", "garbage"] {
            let mut config = source.clone();
            config["transforms"] = json!("bad");
            config["transforms.bad.type"] = json!("org.example.MisbehavingTransform");
            let config = misbehaving(config, "transforms.bad.", method, manner);
            all.push((format!("transform-{method}"), config));
        }
        for method in ["new", "test"] {
            let mut config = source.clone();
            config["transforms"] = json!("never");
            config["transforms.never.type"] = json!("org.apache.kafka.connect.transforms.Filter");
            config["transforms.never.predicate"] = json!("bad");
            config["predicates"] = json!("bad");
            config["predicates.bad.type"] = json!("org.example.MisbehavingPredicate");
            let config = misbehaving(config, "predicates.bad.", method, manner);
            all.push((format!("predicate-{method}"), config));
        }
        all
    }
}

/// Creates all connectors at once, and waits until they are listed beside the healthy two. Some requests are answered
/// when the worker ends, if at all.
pub async fn create_all(mischief: &Mischief, rest: &Rest) -> JoinSet<()> {
    let mut creating = JoinSet::new();
    let mut all: Vec<_> = MANNERS.iter().flat_map(|it| mischief.all(it)).collect();
    // One that computes for ever is enough to keep a small machine busy.
    let config = json!({"connector.class": "org.example.MisbehavingSource"});
    let config = misbehaving(config, "", "poll", "spin");
    all.push((format!("{}-source-poll-spin", mischief.name), config));
    let count = all.len();
    for (name, config) in all {
        let rest = rest.clone();
        creating.spawn(async move {
            let body = json!({"name": name, "config": config}).to_string();
            // Only that it was taken counts, and the listing shows that.
            let _ = rest.try_send(Method::POST, "/connectors", Some(body)).await;
        });
    }
    let what = format!("{count} more connectors");
    eventually(LISTED_LIMIT, &what, async || {
        let listed = rest.get("/connectors").await.json();
        match listed.as_array().map(Vec::len) {
            Some(listed) if listed == count + 2 => Ok(()),
            listed => Err(listed),
        }
    })
    .await;
    creating
}
