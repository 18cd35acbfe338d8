//! Requests that nobody answers, in virtual time.

use std::time::Duration;

use tokio::time::Instant;

use super::*;

#[tokio::test(start_paused = true)]
async fn requests_wait_for_the_herder_as_long_as_in_the_reference() {
    let rest = Rest::silent();
    for (request, body) in [
        ("GET /connectors", ""),
        ("GET /connectors/src", ""),
        ("GET /connectors/src/status", ""),
        ("GET /connectors/src/offsets", ""),
        ("PUT /connectors/src/pause", ""),
        ("PUT /connectors/src/stop", ""),
        ("POST /connectors/src/restart?includeTasks=true", ""),
        ("PATCH /connectors/src/config", "{}"),
        ("DELETE /connectors/src/offsets", ""),
        ("DELETE /connectors/src", ""),
    ] {
        let asked = Instant::now();

        rest.check_error(request, body, 500, "Request timed out")
            .await;

        assert_eq!(asked.elapsed().as_secs(), 90, "{request}");
    }
}

#[tokio::test(start_paused = true)]
async fn health_says_soon_that_nobody_answers() {
    let rest = Rest::silent();
    let asked = Instant::now();

    let unhealthy = concat!(
        r#"{"status":"unhealthy","message":"Worker was unable to handle this request "#,
        r#"and may be unable to handle other requests."}"#
    );
    rest.check("GET /health", "", 500, unhealthy).await;
    assert_eq!(asked.elapsed().as_secs(), 10);

    rest.ready.send_replace(false);
    let asked = Instant::now();
    let starting = r#"{"status":"starting","message":"Worker is still starting up."}"#;
    rest.check("GET /health", "", 503, starting).await;
    assert!(asked.elapsed() <= Duration::from_millis(10_001));
}
