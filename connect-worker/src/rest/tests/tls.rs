//! Listeners that speak TLS, with stores that Java's `keytool` has made.
//!
//! `server.*` has one key in three forms, `trust.*` the certificate of `client.*`. The stores open with
//! `storepass`, keys of their own with `keypass`.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant};
use tokio_rustls::TlsConnector;

use super::*;
use crate::rest::connection::HANDSHAKE_LIMIT;

const HTTPS: (&str, &str) = ("listeners", "https://127.0.0.1:0");
const STORE_PASSWORD: (&str, &str) = ("ssl.keystore.password", "storepass");

fn store(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/rest/tests/tls");
    folder.join(name).to_str().unwrap().to_owned()
}

fn pem(name: &str) -> String {
    std::fs::read_to_string(store(name)).unwrap()
}

/// Whether a client shows who it is.
#[derive(Clone, Copy, PartialEq)]
enum Client {
    Nobody,
    Known,
    /// With a certificate that nobody trusts.
    Stranger,
}

fn connector(client: Client, versions: &[&'static SupportedProtocolVersion]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    let server = CertificateDer::from_pem_file(store("server.pem")).unwrap();
    roots.add(server).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    let own = |file| {
        let certificate = CertificateDer::from_pem_file(store(file)).unwrap();
        (
            vec![certificate],
            PrivateKeyDer::from_pem_file(store(file)).unwrap(),
        )
    };
    let (chain, key) = match client {
        Client::Nobody => {
            let config = builder.with_no_client_auth();
            return TlsConnector::from(Arc::new(config));
        }
        Client::Known => own("client.pem"),
        Client::Stranger => own("stranger.pem"),
    };
    let config = builder.with_client_auth_cert(chain, key).unwrap();
    TlsConnector::from(Arc::new(config))
}

/// The answer to `GET /connectors` of a worker with these settings.
async fn ask(settings: &[(&str, &str)], connector: TlsConnector) -> Result<String, Box<dyn Error>> {
    let rest = Rest::with(settings);
    let bound = BoundServer::bind(rest.admission.worker()).await?;
    let address = bound.worker_id();
    let server = bound.serve(
        rest.admission.clone(),
        rest.log_levels.clone(),
        Arc::clone(&rest.metrics),
    )?;
    let answer = get(&address, "/connectors", connector).await;
    server.shutdown().await;
    answer
}

/// The answer to a request without a body over an encrypted connection.
async fn get(address: &str, path: &str, connector: TlsConnector) -> Result<String, Box<dyn Error>> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    exchange(address, &request, connector).await
}

/// The answer to a request over an encrypted connection, which the request has to end.
async fn exchange(
    address: &str,
    request: &str,
    connector: TlsConnector,
) -> Result<String, Box<dyn Error>> {
    let stream = TcpStream::connect(address).await?;
    let mut stream = connector
        .connect(ServerName::try_from("localhost")?, stream)
        .await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

async fn is_served(settings: &[(&str, &str)], client: Client) -> bool {
    match ask(settings, connector(client, &[&TLS13, &TLS12])).await {
        Ok(answer) => answer.starts_with("HTTP/1.1 200 OK\r\n"),
        Err(_) => false,
    }
}

#[tokio::test]
async fn what_is_created_has_an_address_of_the_listener_s_scheme() {
    let p12 = store("server.p12");
    let rest = Rest::with(&[
        HTTPS,
        ("ssl.keystore.type", "PKCS12"),
        ("ssl.keystore.location", &p12),
        STORE_PASSWORD,
    ]);
    let bound = BoundServer::bind(rest.admission.worker()).await.unwrap();
    let address = bound.worker_id();
    let server = rest.serve(bound);
    let body = r#"{"connector.class":"FileStreamSource","topic":"t"}"#;
    let request = format!(
        "PUT /connectors/a/config HTTP/1.1\r\nHost: localhost:8443\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );

    let connector = connector(Client::Nobody, &[&TLS13]);
    let answer = exchange(&address, &request, connector).await.unwrap();

    let location = "\r\nLocation: https://localhost:8443/connectors/a\r\n";
    assert!(answer.contains(location), "{answer}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_key_may_be_in_a_store_of_any_form() {
    let (jks, p12, text) = (
        store("server.jks"),
        store("server.p12"),
        store("server.pem"),
    );
    let key_password = ("ssl.key.password", "keypass");
    for (form, settings) in [
        (
            "JKS",
            vec![
                ("ssl.keystore.location", jks.as_str()),
                STORE_PASSWORD,
                key_password,
            ],
        ),
        (
            "PKCS12",
            vec![("ssl.keystore.location", p12.as_str()), STORE_PASSWORD],
        ),
        (
            "PEM",
            vec![("ssl.keystore.location", text.as_str()), key_password],
        ),
        // The reference takes one for the other as well.
        (
            "JKS",
            vec![("ssl.keystore.location", p12.as_str()), STORE_PASSWORD],
        ),
    ] {
        let settings = [&[HTTPS, ("ssl.keystore.type", form)], &settings[..]].concat();

        assert!(is_served(&settings, Client::Nobody).await, "{settings:?}");
    }
}

#[tokio::test]
async fn key_and_certificate_may_be_in_the_settings() {
    let text = pem("server.pem");
    let (key, chain) = text.split_at(text.find("-----BEGIN CERTIFICATE").unwrap());
    // As they stand in a file of properties.
    let (key, chain) = (key.replace('\n', " "), chain.replace('\n', " "));
    let settings = [
        HTTPS,
        ("ssl.keystore.type", "PEM"),
        ("ssl.keystore.key", &key),
        ("ssl.keystore.certificate.chain", &chain),
        ("ssl.key.password", "keypass"),
    ];

    assert!(is_served(&settings, Client::Nobody).await);
}

#[tokio::test]
async fn keys_of_the_listeners_own_replace_the_workers() {
    let p12 = store("server.p12");
    let settings = [
        HTTPS,
        ("ssl.keystore.location", "/nowhere"),
        ("listeners.https.ssl.keystore.location", &p12),
        ("listeners.https.ssl.keystore.password", "storepass"),
        ("listeners.https.ssl.keystore.type", "PKCS12"),
    ];

    assert!(is_served(&settings, Client::Nobody).await);
}

#[tokio::test]
async fn clients_may_have_to_say_who_they_are() {
    let p12 = store("server.p12");
    let certificate = {
        let text = pem("client.pem");
        let (_, certificate) = text.split_at(text.find("-----BEGIN CERTIFICATE").unwrap());
        certificate.to_owned()
    };
    let (trust_jks, trust_p12) = (store("trust.jks"), store("trust.p12"));
    let trusted: [&[(&str, &str)]; 3] = [
        &[
            ("ssl.truststore.location", &trust_jks),
            ("ssl.truststore.type", "JKS"),
            ("ssl.truststore.password", "storepass"),
        ],
        &[
            ("ssl.truststore.location", &trust_p12),
            ("ssl.truststore.type", "PKCS12"),
            ("ssl.truststore.password", "storepass"),
        ],
        &[("ssl.truststore.certificates", &certificate)],
    ];
    for (auth, nobody, stranger) in [
        ("none", true, true),
        ("requested", true, false),
        ("required", false, false),
    ] {
        for trusted in trusted {
            let own = [
                HTTPS,
                ("ssl.keystore.location", &p12),
                STORE_PASSWORD,
                ("ssl.client.auth", auth),
            ];
            let settings = [&own[..], trusted].concat();

            assert!(is_served(&settings, Client::Known).await, "{settings:?}");
            assert_eq!(
                is_served(&settings, Client::Nobody).await,
                nobody,
                "{settings:?}"
            );
            assert_eq!(
                is_served(&settings, Client::Stranger).await,
                stranger,
                "{settings:?}"
            );
        }
    }
}

#[tokio::test]
async fn versions_and_cipher_suites_are_chosen() {
    let p12 = store("server.p12");
    let own = [
        HTTPS,
        ("ssl.keystore.location", p12.as_str()),
        STORE_PASSWORD,
    ];
    let speaks = async |settings: &[(&str, &str)], version| {
        let settings = [&own[..], settings].concat();
        let answer = ask(&settings, connector(Client::Nobody, &[version])).await;
        answer.is_ok()
    };

    let modern = [("ssl.enabled.protocols", "TLSv1.3,TLSv1.1")];
    assert!(speaks(&modern, &TLS13).await);
    assert!(!speaks(&modern, &TLS12).await);
    let all = [("ssl.enabled.protocols", "")];
    assert!(speaks(&all, &TLS12).await);
    let old_suite = [(
        "ssl.cipher.suites",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    )];
    assert!(speaks(&old_suite, &TLS12).await);
    assert!(!speaks(&old_suite, &TLS13).await);
    let new_suite = [("ssl.cipher.suites", "TLS_AES_256_GCM_SHA384")];
    assert!(speaks(&new_suite, &TLS13).await);
}

#[tokio::test]
async fn a_listener_in_the_clear_stands_beside_one_with_tls() {
    let p12 = store("server.p12");
    let settings = [
        ("listeners", "http://127.0.0.1:0,https://127.0.0.1:0"),
        ("admin.listeners", "https://127.0.0.1:0"),
        ("ssl.keystore.location", &p12),
        STORE_PASSWORD,
    ];
    let rest = Rest::with(&settings);
    let bound = BoundServer::bind(rest.admission.worker()).await.unwrap();
    let admin = bound.admin_address();
    let server = rest.serve(bound);

    let loggers = get(
        &admin,
        "/admin/loggers",
        connector(Client::Nobody, &[&TLS13]),
    )
    .await;

    assert!(
        server.url().starts_with("http://127.0.0.1:"),
        "{}",
        server.url()
    );
    let loggers = loggers.unwrap();
    assert!(loggers.starts_with("HTTP/1.1 200 OK\r\n"), "{loggers}");
    assert!(loggers.contains(r#""root":{"level":"#), "{loggers}");
    server.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn clients_that_agree_on_nothing_are_given_up() {
    let p12 = store("server.p12");
    let settings = [HTTPS, ("ssl.keystore.location", &p12), STORE_PASSWORD];
    let rest = Rest::with(&settings);
    let bound = BoundServer::bind(rest.admission.worker()).await.unwrap();
    let mut stream = TcpStream::connect(bound.worker_id()).await.unwrap();
    let server = rest.serve(bound);
    let start = Instant::now();

    let read = stream.read(&mut [0; 1]).await.unwrap();

    assert_eq!(read, 0);
    let limits = HANDSHAKE_LIMIT..HANDSHAKE_LIMIT + Duration::from_secs(1);
    assert!(limits.contains(&start.elapsed()), "{:?}", start.elapsed());
    server.shutdown().await;
}

#[track_caller]
fn check_refused(settings: &[(&str, &str)], expected: &str) -> impl Future<Output = ()> {
    let config = worker(&[&[HTTPS], settings].concat());
    let expected = expected.to_owned();
    async move {
        let error = BoundServer::bind(&config).await.unwrap_err().to_string();

        assert!(error.starts_with(&expected), "{error}");
        assert!(
            !error.contains("storepass") && !error.contains("wrong"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_served_is_refused_with_its_key() {
    let (jks, p12, text) = (
        store("server.jks"),
        store("server.p12"),
        store("server.pem"),
    );
    let trust = store("trust.jks");
    let jks_at = ("ssl.keystore.location", jks.as_str());
    let p12_at = ("ssl.keystore.location", p12.as_str());
    check_refused(
        &[],
        "ssl.keystore.location: an https listener needs a certificate",
    )
    .await;
    check_refused(
        &[("ssl.keystore.location", "/nowhere")],
        "ssl.keystore.location: /nowhere: No such file",
    )
    .await;
    for at in [jks_at, p12_at] {
        check_refused(
            &[at, ("ssl.keystore.password", "wrong")],
            &format!(
                "ssl.keystore.password: {}: the password does not open",
                at.1
            ),
        )
        .await;
    }
    check_refused(
        &[jks_at, STORE_PASSWORD, ("ssl.key.password", "wrong")],
        &format!("ssl.key.password: {jks}: the password does not open the key"),
    )
    .await;
    check_refused(
        &[p12_at, STORE_PASSWORD, ("ssl.keystore.type", "BKS")],
        &format!("ssl.keystore.type: {p12}: `BKS` is not a type of stores"),
    )
    .await;
    let pem_at = [
        ("ssl.keystore.location", text.as_str()),
        ("ssl.keystore.type", "PEM"),
    ];
    check_refused(
        &pem_at,
        &format!("ssl.keystore.location: {text}: the private key is encrypted"),
    )
    .await;
    check_refused(
        &[("ssl.keystore.location", &trust), STORE_PASSWORD],
        "ssl.keystore.location: there is no private key in it",
    )
    .await;
    let own = [p12_at, STORE_PASSWORD, ("ssl.client.auth", "required")];
    let trusting = [
        ("ssl.truststore.location", trust.as_str()),
        ("ssl.truststore.password", "wrong"),
    ];
    check_refused(
        &[&own[..], &trusting].concat(),
        &format!("ssl.truststore.password: {trust}: the password does not open"),
    )
    .await;
    check_refused(
        &[p12_at, STORE_PASSWORD, ("ssl.enabled.protocols", "SSLv3")],
        "ssl.enabled.protocols: only TLSv1.2 and TLSv1.3 are spoken, and not SSLv3",
    )
    .await;
    check_refused(
        &[p12_at, STORE_PASSWORD, ("ssl.cipher.suites", "NONE")],
        "ssl.cipher.suites: none of NONE is known",
    )
    .await;
    check_refused(
        &[("listeners.https.ssl.keystore.location", "/nowhere")],
        "listeners.https.ssl.keystore.location: /nowhere: ",
    )
    .await;
}
