//! Bodies of requests that nobody reads.
//!
//! Most paths want no body, and many requests are refused before theirs has come. The connection is
//! of use for another request only behind the end of the body, so what is left of a short one is
//! taken before the answer is sent. Behind a longer one the connection ends, and the answer says so.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{CONNECTION, EXPECT};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Most bytes that are taken only to throw them away.
const MOST_BYTES: u64 = 64 << 10;
/// Longest wait for them.
const LIMIT: Duration = Duration::from_secs(1);

/// Takes what is left of a request's body when the answer is known.
pub(super) async fn take(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    // Such a client sends nothing until it is told to, and is told when its body is read.
    let is_asked_for = request.headers().contains_key(EXPECT);
    let (parts, body) = request.into_parts();
    let (lent, mut returned) = Lent::new(body);
    let mut response = next.run(Request::from_parts(parts, Body::new(lent))).await;
    let is_left = match returned.try_recv() {
        Ok(_) if is_asked_for || response.status() == StatusCode::REQUEST_TIMEOUT => true,
        Ok(body) => !is_taken(body).await,
        // It was read to its end.
        Err(_) => false,
    };
    if is_left {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    response
}

/// Reads a body to its end, unless that is too far.
async fn is_taken(mut body: Body) -> bool {
    if body.size_hint().lower() > MOST_BYTES {
        return false;
    }
    let mut room = MOST_BYTES;
    let taken = async {
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            let length = frame.map(|it| it.data_ref().map_or(0, Bytes::len) as u64);
            match length.ok().and_then(|it| room.checked_sub(it)) {
                Some(left) => room = left,
                None => return false,
            }
        }
        true
    };
    timeout(LIMIT, taken).await.unwrap_or(false)
}

/// A body that comes back from whoever does not read it to its end.
struct Lent {
    body: Body,
    owner: Option<oneshot::Sender<Body>>,
}

impl Lent {
    fn new(body: Body) -> (Self, oneshot::Receiver<Body>) {
        let (owner, returned) = oneshot::channel();
        let owner = Some(owner);
        (Self { body, owner }, returned)
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) || self.body.is_end_stream() {
            self.owner = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(owner) = self.owner.take() {
            // Whoever has lent it may have ended with the connection.
            let _ = owner.send(std::mem::take(&mut self.body));
        }
    }
}
