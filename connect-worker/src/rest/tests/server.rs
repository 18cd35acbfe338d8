//! The server over real sockets.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant};

use super::*;
use crate::rest::connection::IDLE_LIMIT;

impl BoundServer {
    pub(super) fn admin_address(&self) -> String {
        self.admin_sockets[0]
            .listener
            .local_addr()
            .unwrap()
            .to_string()
    }
}

async fn get(address: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_bound_server_answers_once_it_serves() {
    let rest = Rest::start();
    let bound = BoundServer::bind(rest.admission.worker()).await.unwrap();
    let address = bound.worker_id();
    let early = get(&address, "/connectors/");

    let server = async {
        let server = rest.serve(bound);
        server.set_ready();
        server
    };
    let (answer, server) = tokio::join!(early, server);

    assert_eq!(server.url(), format!("http://{address}/"));
    let answer = answer.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n[\"src\"]"), "{answer}");
    let health = get(&address, "/health").await.unwrap();
    assert!(health.contains(r#"{"status":"healthy""#), "{health}");

    server.shutdown().await;
    assert!(get(&address, "/").await.is_err());
}

/// What a client gets that sends this much and then waits, and how long it waits.
async fn wait_after(address: &str, sent: &str) -> (String, Duration) {
    let start = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    (answer, start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn clients_that_say_nothing_are_given_up() {
    let rest = Rest::start();
    let bound = BoundServer::bind(rest.admission.worker()).await.unwrap();
    let address = bound.worker_id();
    let server = rest.serve(bound);
    let put = "PUT /connectors/a/config HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let half_a_body = format!("{put}Content-Length: 9\r\n\r\n{{");

    for (sent, expected) in [
        ("", ""),
        ("GET /connec", ""),
        (put, ""),
        (&half_a_body, "HTTP/1.1 408 Request Timeout\r\n"),
    ] {
        let (answer, waited) = wait_after(&address, sent).await;

        let is_expected = match expected {
            "" => answer.is_empty(),
            expected => answer.starts_with(expected),
        };
        assert!(is_expected, "{sent:?}: {answer:?}");
        let limits = IDLE_LIMIT..IDLE_LIMIT + Duration::from_secs(1);
        assert!(limits.contains(&waited), "{sent:?}: {waited:?}");
    }
    server.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn clients_that_take_no_answer_are_given_up() {
    let rest = Rest::start();
    let bound = BoundServer::bind(rest.admission.worker()).await.unwrap();
    let mut stream = TcpStream::connect(bound.worker_id()).await.unwrap();
    let server = rest.serve(bound);
    let start = Instant::now();

    // Far more answers than fit between the two, of which none is read.
    let request = "GET /ext/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";
    stream
        .write_all(request.repeat(1000).as_bytes())
        .await
        .unwrap();
    while stream.write_all(b" ").await.is_ok() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    let waited = start.elapsed();
    let limits = IDLE_LIMIT..IDLE_LIMIT + Duration::from_secs(5);
    assert!(limits.contains(&waited), "{waited:?}");
    server.shutdown().await;
}

#[tokio::test]
async fn requests_may_follow_each_other_and_the_client_may_be_done() {
    let rest = Rest::start();
    let bound = BoundServer::bind(rest.admission.worker()).await.unwrap();
    let address = bound.worker_id();
    let server = rest.serve(bound);
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let two = "GET /connectors HTTP/1.1\r\nHost: x\r\n\r\nHEAD /nope HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(two.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answers = String::new();

    stream.read_to_string(&mut answers).await.unwrap();

    let (first, second) = answers.split_once("[\"src\"]").unwrap();
    assert!(first.starts_with("HTTP/1.1 200 OK\r\n"), "{answers}");
    assert!(first.contains("\r\nContent-Length: 7\r\n"), "{answers}");
    assert!(
        second.starts_with("HTTP/1.1 404 Not Found\r\n"),
        "{answers}"
    );
    assert!(second.ends_with("\r\n\r\n"), "{answers}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_body_that_nobody_reads_may_come_late() {
    let rest = Rest::start();
    let bound = BoundServer::bind(rest.admission.worker()).await.unwrap();
    let address = bound.worker_id();
    let server = rest.serve(bound);
    let last = "GET /connectors HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    for (head, body) in [
        ("Content-Length: 2", "{}".to_owned()),
        (
            "Transfer-Encoding: chunked",
            "2\r\n{}\r\n0\r\n\r\n".to_owned(),
        ),
        ("Content-Length: 60000", "a".repeat(60_000)),
    ] {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let head = format!("PUT /nope HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        // Whoever is answered now came later.
        get(&address, "/connectors").await.unwrap();
        stream.write_all(body.as_bytes()).await.unwrap();
        stream.write_all(last.as_bytes()).await.unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).await.unwrap();

        let unknown = "HTTP/1.1 404 Not Found\r\n";
        assert!(answers.starts_with(unknown), "{answers}");
        assert!(answers.ends_with("\r\n\r\n[\"src\"]"), "{answers}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn an_answer_outlives_a_body_that_nobody_reads() {
    let rest = Rest::start();
    let bound = BoundServer::bind(rest.admission.worker()).await.unwrap();
    let address = bound.worker_id();
    let server = rest.serve(bound);
    let too_long = "a".repeat(9_000);
    let waiting = "Content-Length: 1000000\r\nExpect: 100-continue";
    for (path, header, expected) in [
        ("/nope", "Content-Length: 1000000", "404 Not Found"),
        ("/nope", waiting, "404 Not Found"),
        (&too_long, "Content-Length: 1000000", "414 URI Too Long"),
        ("/nope", "Content-Length: x", "400 Bad Request"),
    ] {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.readable().await.unwrap();
        for _ in 0..16 {
            stream.write_all(&[b'a'; 60_000]).await.unwrap();
        }
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();

        assert!(
            answer.starts_with(&format!("HTTP/1.1 {expected}\r\n")),
            "{answer}"
        );
        assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_with_its_key() {
    let rest = Rest::start();
    let first = BoundServer::bind(rest.admission.worker()).await.unwrap();
    let listener = format!("http://{}", first.worker_id());

    let error = BoundServer::bind(&worker(&[("listeners", &listener)]))
        .await
        .unwrap_err();

    assert_eq!(
        error.to_string(),
        format!("listeners: cannot listen on {listener}")
    );
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn all_interfaces_are_listened_on_without_a_host() {
    let config = worker(&[
        ("listeners", "http://:0"),
        ("rest.advertised.host.name", "me"),
    ]);
    let bound = BoundServer::bind(&config).await.unwrap();
    let id = bound.worker_id();
    let port = id.strip_prefix("me:").unwrap();

    assert!(
        TcpStream::connect(format!("127.0.0.1:{port}"))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn administrators_may_have_listeners_of_their_own() {
    let rest = Rest::with(&[("admin.listeners", "http://127.0.0.1:0")]);
    let bound = BoundServer::bind(rest.admission.worker()).await.unwrap();
    let address = bound.worker_id();
    let admin_address = bound.admin_address();
    let server = rest.serve(bound);
    let status = async |address: &str, path| {
        let answer = get(address, path).await.unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };

    assert_eq!(status(&admin_address, "/admin/loggers").await, "200");
    assert_eq!(status(&admin_address, "/connectors").await, "404");
    assert_eq!(status(&address, "/admin/loggers").await, "404");
    assert_eq!(status(&address, "/connectors").await, "200");
    server.shutdown().await;
}
