//! Requests as bytes: what no client of HTTP would send.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Answer;

const LIMIT: Duration = Duration::from_secs(30);

/// Sends bytes to `host:port` and reads all answers until the worker closes the connection, of which
/// it returns the last one. The request has to make it close.
pub async fn exchange(authority: &str, request: &[u8]) -> Answer {
    let exchanged = timeout(LIMIT, async {
        let mut stream = TcpStream::connect(authority).await?;
        stream.write_all(request).await?;
        let mut bytes = Vec::new();
        // A worker that has refused a request may not have read all of it.
        let read = stream.read_to_end(&mut bytes).await;
        match bytes.is_empty() {
            true => read.map(|_| bytes),
            false => Ok(bytes),
        }
    });
    let bytes = match exchanged.await {
        Ok(Ok(bytes)) => bytes,
        other => panic!("no answer: {other:?}"),
    };
    parse(&String::from_utf8_lossy(&bytes))
}

/// The last of several answers.
fn parse(text: &str) -> Answer {
    let (_, last) = text
        .rsplit_once("HTTP/1.1 ")
        .unwrap_or_else(|| panic!("no answer of HTTP/1.1: {text:?}"));
    let (head, body) = last.split_once("\r\n\r\n").expect("a head ends");
    let mut lines = head.lines();
    let status = lines.next().and_then(|it| it.get(..3)?.parse().ok());
    let headers = lines.filter_map(|it| {
        let (name, value) = it.split_once(':')?;
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value.trim()).ok()?))
    });
    Answer {
        status: status.expect("an answer has a status"),
        headers: HeaderMap::from_iter(headers),
        text: body.to_owned(),
    }
}
