//! The server over real sockets.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

impl BoundServer {
    fn admin_address(&self) -> String {
        self.admin_sockets[0].local_addr().unwrap().to_string()
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
        let server = bound
            .serve(rest.admission.clone(), rest.log_levels.clone())
            .unwrap();
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
async fn what_cannot_be_served_is_refused() {
    let tls = BoundServer::bind(&worker(&[("listeners", "https://127.0.0.1:0")])).await;

    assert_eq!(
        tls.unwrap_err().to_string(),
        "listeners: https://127.0.0.1:0 wants TLS, which this worker cannot serve"
    );
}

#[tokio::test]
async fn administrators_may_have_listeners_of_their_own() {
    let rest = Rest::with(&[("admin.listeners", "http://127.0.0.1:0")]);
    let bound = BoundServer::bind(rest.admission.worker()).await.unwrap();
    let address = bound.worker_id();
    let admin_address = bound.admin_address();
    let server = bound
        .serve(rest.admission.clone(), rest.log_levels.clone())
        .unwrap();
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
