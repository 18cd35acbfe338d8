//! Two workers on one broker, started once for all tests of this process that want the same settings,
//! and a client that writes down what they answer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use connect_tests::eventually::eventually;
use connect_tests::kafka::{JavaWorker, Kafka, LOGIN_CONFIG, Mode};
use connect_tests::ports::free_port;
use connect_tests::rest::{Answer, Rest, wire};
use connect_tests::worker::{Standalone, Worker};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell};

use crate::answers::Exchange;
use crate::document::Document;

static PLAIN: OnceCell<Option<Pair>> = OnceCell::const_new();
static DECORATED: OnceCell<Option<Pair>> = OnceCell::const_new();
static GUARDED: OnceCell<Option<Pair>> = OnceCell::const_new();
/// Changes are made one by one: the reference's herder and its store wait for each other for ever
/// when one connector is resumed while another one is stopped.
static CHANGES: Mutex<()> = Mutex::const_new(());
static BODIES: AtomicUsize = AtomicUsize::new(0);

const OURS: &str = "ours";
const STRING_CONVERTER: &str = "org.apache.kafka.connect.storage.StringConverter";
const BASIC_AUTH: &str =
    "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension";
const ADMIN_LISTENERS: &str = "admin.listeners";
// In a properties file a backslash is written twice, which the harness does only for the reference.
const ORIGINS: &str = "http://a[.]b,https?://c.*";
const HEADERS: &str = "set X-A:1, add X-A:2,\"add X-B:a,b\",SET x-c: d e ,setDate X-Never:0";
const LIMIT: std::time::Duration = std::time::Duration::from_secs(60);

/// What the workers of a pair are set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing that shows in answers.
    Plain,
    /// Pages of other origins, more headers, listeners for administrators.
    Decorated,
    /// Passwords, and as much as possible switched off.
    Guarded,
}

impl Kind {
    fn pair(self) -> &'static OnceCell<Option<Pair>> {
        match self {
            Self::Plain => &PLAIN,
            Self::Decorated => &DECORATED,
            Self::Guarded => &GUARDED,
        }
    }

    /// The settings that both workers of a pair have; `folder` is for files.
    fn settings(self, folder: &Path) -> Vec<(&'static str, String)> {
        match self {
            Self::Plain => Vec::new(),
            Self::Decorated => vec![
                ("access.control.allow.origin", ORIGINS.to_owned()),
                ("response.http.headers.config", HEADERS.to_owned()),
            ],
            Self::Guarded => vec![
                ("access.control.allow.origin", "*".to_owned()),
                ("access.control.allow.methods", "GET,PUT".to_owned()),
                ("admin.listeners", String::new()),
                ("topic.tracking.enable", "false".to_owned()),
                ("rest.extension.classes", BASIC_AUTH.to_owned()),
                (LOGIN_CONFIG, text(&login_config(folder)).to_owned()),
            ],
        }
    }
}

/// Two people with passwords.
fn login_config(folder: &Path) -> PathBuf {
    const MODULE: &str =
        "org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule";
    let passwords = folder.join("passwords.properties");
    std::fs::write(&passwords, "me=pass:word\nyou=\n").expect("the directory is writable");
    let entry = format!(
        "KafkaConnect {{ {MODULE} required file=\"{}\"; }};",
        text(&passwords)
    );
    let login = folder.join("login.conf");
    std::fs::write(&login, entry).expect("the directory is writable");
    login
}

struct Pair {
    ours: Worker,
    reference: JavaWorker,
    /// What ours says of itself.
    document: Option<Document>,
    /// Addresses of listeners for administrators, ours first.
    admin: Option<[String; 2]>,
    folder: TempDir,
}

impl Pair {
    async fn start(kind: Kind) -> Option<Self> {
        let kafka = Kafka::shared().await?;
        let folder = TempDir::with_prefix("connect-conformance-").expect("a temporary directory");
        let folder_of = |name: &str| {
            let folder = folder.path().join(name);
            std::fs::create_dir(&folder).expect("the directory is writable");
            folder
        };
        let java = folder_of("java");
        let offsets = java.join("connect.offsets");
        let settings = [
            ("bootstrap.servers", kafka.bootstrap()),
            ("key.converter", STRING_CONVERTER),
            ("value.converter", STRING_CONVERTER),
            ("offset.flush.interval.ms", "200"),
            ("plugin.discovery", "service_load"),
            ("offset.storage.file.filename", text(&offsets)),
        ];
        let mut settings: BTreeMap<String, String> = settings
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let mut standalone = Standalone::new(&folder_of("ours"), kafka.bootstrap());
        for (key, value) in kind.settings(folder.path()) {
            settings.insert(key.to_owned(), value.clone());
            standalone = standalone.set(key, &value);
        }
        let admin = (kind == Kind::Decorated).then(|| {
            let [ours, reference] = [(); 2].map(|()| format!("http://127.0.0.1:{}", free_port()));
            settings.insert(ADMIN_LISTENERS.to_owned(), reference.clone());
            [ours, reference]
        });
        if let Some([ours, _]) = &admin {
            standalone = standalone.set(ADMIN_LISTENERS, ours);
        }
        let (ours, reference) = tokio::join!(
            standalone.start(),
            JavaWorker::start(Mode::Standalone, &java, &settings)
        );
        // Who has no password is not shown the document.
        let documented = kind != Kind::Guarded;
        let document = match documented {
            true => Some(Document::of(ours.rest()).await),
            false => None,
        };
        Some(Self {
            ours,
            reference: reference?,
            document,
            admin,
            folder,
        })
    }
}

/// Runs a body against both workers, side by side, and compares what they answered.
pub(crate) async fn both(kind: Kind, body: impl AsyncFn(&mut Client<'_>)) {
    let start = async || Pair::start(kind).await;
    let Some(pair) = kind.pair().get_or_init(start).await else {
        return;
    };
    let number = BODIES.fetch_add(1, Ordering::Relaxed);
    let client = |tag: &str, rest: &Rest, url: &str, admin: Option<&String>| Client {
        document: pair.document.as_ref().filter(|_| tag == OURS),
        tag: format!("{tag}{number}"),
        rest: rest.clone(),
        admin: admin.map(|it| Rest::new(it)),
        authority: authority(url),
        folder: pair.folder.path().to_owned(),
        exchanges: Vec::new(),
        undocumented: Vec::new(),
    };
    let admin = |index: usize| pair.admin.as_ref().and_then(|it| it.get(index));
    let mut ours = client(OURS, pair.ours.rest(), pair.ours.url(), admin(0));
    let mut reference = client(
        "java",
        pair.reference.rest(),
        pair.reference.url(),
        admin(1),
    );
    tokio::join!(body(&mut ours), body(&mut reference));
    assert!(!ours.exchanges.is_empty(), "the body sends no request");
    let pairs = ours.exchanges.iter().zip(&reference.exchanges);
    let mut differences: Vec<_> = pairs.filter_map(|(a, b)| a.difference(b)).collect();
    differences.append(&mut ours.undocumented);
    assert!(
        differences.is_empty(),
        "{} of {} answers differ from the reference's:\n\n{}",
        differences.len(),
        ours.exchanges.len(),
        differences.join("\n")
    );
}

fn authority(url: &str) -> String {
    let address = url.trim_end_matches('/');
    address.trim_start_matches("http://").to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a test's path is text")
}

/// Sends requests to one of the workers and keeps the answers.
pub(crate) struct Client<'a> {
    document: Option<&'a Document>,
    /// Answers that do not fit the document.
    undocumented: Vec<String>,
    /// What names of connectors and topics begin with, so that the workers do not meet.
    tag: String,
    rest: Rest,
    /// The listener for administrators, where it is another one.
    admin: Option<Rest>,
    authority: String,
    folder: PathBuf,
    exchanges: Vec<Exchange>,
}

impl Client<'_> {
    /// A name that the other worker does not use.
    pub(crate) fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.tag)
    }

    /// Whether this is the worker under test.
    pub(crate) fn is_ours(&self) -> bool {
        self.tag.starts_with(OURS)
    }

    /// A file of this client.
    pub(crate) fn file(&self, name: &str) -> String {
        text(&self.folder.join(self.name(name))).to_owned()
    }

    /// A source of a file with these lines.
    pub(crate) fn source(&self, lines: &str) -> Value {
        let file = self.file("lines");
        std::fs::write(&file, lines).expect("the test's directory is writable");
        json!({
            "connector.class": "FileStreamSource",
            "tasks.max": "1",
            "file": file,
            "topic": self.name("topic"),
        })
    }

    /// A sink of what that source writes.
    pub(crate) fn sink(&self) -> Value {
        json!({
            "connector.class": "FileStreamSink",
            "tasks.max": "1",
            "file": self.file("copy"),
            "topics": self.name("topic"),
        })
    }

    /// Sends a request with these headers and compares the answer.
    pub(crate) async fn request(
        &mut self,
        request_line: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        let answer = self.send(&self.rest, request_line, headers, body).await;
        self.compare(request_line, headers, body, &answer);
        answer
    }

    /// Sends a request to the listener for administrators and compares the answer.
    pub(crate) async fn admin(&mut self, request_line: &str, body: Option<&str>) {
        let json = [(CONTENT_TYPE.as_str(), "application/json")];
        let headers = if body.is_some() { &json[..] } else { &[] };
        let admin = self.admin.as_ref().expect("the pair has such listeners");
        let answer = self.send(admin, request_line, headers, body).await;
        self.compare(request_line, headers, body, &answer);
    }

    fn compare(
        &mut self,
        request_line: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
        answer: &Answer,
    ) {
        let request = format!("{request_line} {headers:?} {}", body.unwrap_or_default());
        let difference = self
            .document
            .and_then(|it| it.difference(request_line, answer));
        self.undocumented.extend(difference);
        let replaced = [
            (self.authority.as_str(), "WORKER"),
            (self.tag.as_str(), "TAG"),
        ];
        self.exchanges
            .push(Exchange::new(&request, answer, &replaced));
    }

    /// Sends a request and compares the status of the answer alone.
    pub(crate) async fn only_status(
        &mut self,
        request_line: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) {
        let answer = self.send(&self.rest, request_line, headers, body).await;
        let bare = Answer {
            status: answer.status,
            headers: HeaderMap::new(),
            text: String::new(),
        };
        self.compare(request_line, headers, body, &bare);
    }

    /// Sends these bytes on a connection of their own and compares the answer.
    pub(crate) async fn wire(&mut self, request: &str) {
        let answer = wire::exchange(&self.authority, request.as_bytes()).await;
        self.compare(request, &[], None, &answer);
    }

    /// Sends a request without a body and compares the answer.
    pub(crate) async fn call(&mut self, request_line: &str) -> Answer {
        self.request(request_line, &[], None).await
    }

    /// Sends a request with a JSON body and compares the answer.
    pub(crate) async fn call_with(&mut self, request_line: &str, body: &Value) -> Answer {
        self.raw(request_line, &body.to_string()).await
    }

    /// Sends a request with a body that is declared as JSON and compares the answer.
    pub(crate) async fn raw(&mut self, request_line: &str, body: &str) -> Answer {
        let json = [(CONTENT_TYPE.as_str(), "application/json")];
        self.request(request_line, &json, Some(body)).await
    }

    /// Sends a request that the workers answer differently, on purpose: the reference with one
    /// status and part of a text, ours with another.
    pub(crate) async fn deviation(
        &self,
        request_line: &str,
        body: Option<&str>,
        reference: (u16, &str),
        ours: (u16, &str),
    ) {
        let json = [(CONTENT_TYPE.as_str(), "application/json")];
        let headers = if body.is_some() { &json[..] } else { &[] };
        let answer = self.send(&self.rest, request_line, headers, body).await;
        let (status, part) = if self.is_ours() { ours } else { reference };
        assert_eq!(answer.status, status, "{request_line}: {answer:?}");
        assert!(answer.text.contains(part), "{request_line}: {answer:?}");
    }

    async fn send(
        &self,
        rest: &Rest,
        request_line: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        let (method, path) = request_line.split_once(' ').expect("a method and a path");
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let _turn = match self.is_ours() || method.is_safe() {
            true => None,
            false => Some(CHANGES.lock().await),
        };
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::from_bytes(name.as_bytes()).expect("a header");
                (name, HeaderValue::from_str(value).expect("a value"))
            })
            .collect();
        let answer = rest.try_send_with(method, path, headers, body.map(str::to_owned));
        answer
            .await
            .unwrap_or_else(|error| panic!("{request_line}: no answer: {error:?}"))
    }

    /// Creates a connector and waits until it runs with one task.
    pub(crate) async fn create_running(&mut self, name: &str, config: &Value) {
        let name = self.name(name);
        self.call_with("POST /connectors", &json!({"name": name, "config": config}))
            .await;
        self.wait(&name, "RUNNING", &["RUNNING"]).await;
    }

    /// Waits until connector and tasks are in these states.
    pub(crate) async fn wait(&self, name: &str, connector: &str, tasks: &[&str]) {
        self.rest.wait_states(name, connector, tasks).await;
    }

    /// Waits until the body of an answer contains a text.
    pub(crate) async fn wait_for(&self, path: &str, part: &str) {
        let what = format!("{part} in {path}");
        eventually(LIMIT, &what, async || {
            let answer = self.rest.get(path).await;
            if answer.text.contains(part) {
                Ok(())
            } else {
                Err(answer.text)
            }
        })
        .await;
    }
}
