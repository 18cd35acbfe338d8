//! Requests that few clients of HTTP would send: hosts, lengths, escapes, forms of connections.

use crate::on_both_workers;
use crate::pair::Client;

on_both_workers!(
    hosts_are_told_once,
    what_is_created_is_where_the_client_says,
    paths_that_name_nothing_are_refused,
    heads_are_limited,
    bodies_come_whole_or_in_pieces,
    connections_carry_several_requests,
);

/// A request without a body, on a connection that ends with it.
fn request(line: &str, headers: &[&str]) -> String {
    let headers = headers.iter().chain(&["Connection: close"]);
    let headers: String = headers.map(|it| format!("{it}\r\n")).collect();
    format!("{line} HTTP/1.1\r\n{headers}\r\n")
}

async fn hosts_are_told_once(client: &mut Client<'_>) {
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "FOO"] {
        client
            .wire(&request(&format!("{method} /connectors/none"), &[]))
            .await;
    }
    for hosts in [
        &["Host: x", "Host: y"][..],
        &["Host: x", "Host: x"],
        &["Host:"],
        &["Host: a b"],
        &["Host: x:0"],
        &["Host: x:"],
        &["Host: :80"],
        &["Host: x:80:80"],
        &["Host: x:65536"],
        &["Host: x:65535"],
        &["Host: a@b"],
        &["Host: a/b"],
        &["Host: [::1"],
        &["Host: [::1]:80"],
        &["Host: ::1"],
        &["Host: a_b"],
    ] {
        client.wire(&request("GET /connectors/none", hosts)).await;
    }
    for target in ["http://x/connectors/none", "http://y/connectors/none"] {
        client
            .wire(&request(&format!("GET {target}"), &["Host: x"]))
            .await;
    }
}

async fn what_is_created_is_where_the_client_says(client: &mut Client<'_>) {
    let name = client.name("made");
    let config = client.source("");
    let body = serde_json::json!({"name": name, "config": config}).to_string();
    let length = format!("Content-Length: {}", body.len());
    for (address, host) in [
        ("", "x"),
        ("", "X.y:80"),
        ("", "x:443"),
        ("", "[::1]:1"),
        ("", "::1"),
        ("http://x:2", "x:2"),
        ("https://x:443", "x:443"),
    ] {
        let host = format!("Host: {host}");
        let headers = [&host, &length, "Content-Type: application/json"];
        let head = request(&format!("POST {address}/connectors"), &headers);
        client.wire(&format!("{head}{body}")).await;
        client.wait(&name, "RUNNING", &["RUNNING"]).await;
        client.call(&format!("DELETE /connectors/{name}")).await;
    }
    // What stands between the client and the worker is not asked.
    let headers = [
        ("X-Forwarded-Host", "y"),
        ("Forwarded", "host=y;proto=https"),
    ];
    let config = config.to_string();
    client
        .request(
            &format!("PUT /connectors/{name}/config"),
            &[&headers[..], &[("Content-Type", "application/json")]].concat(),
            Some(&config),
        )
        .await;
}

async fn paths_that_name_nothing_are_refused(client: &mut Client<'_>) {
    for path in [
        "//",
        "//connectors",
        "/connectors//",
        "/connectors//status",
        "/connectors/none//",
        "/connectors/;/status",
        "/;/connectors",
        "/connectors/%",
        "/connectors/%a",
        "/connectors/%zz",
        "/connectors/%00",
        "/connectors/%0a",
        "/connectors/%1f/status",
        "/connectors/%7f",
        "/connectors/%ff",
        "/connectors/%c3%28",
        "/connectors/%u0041",
        "/connectors/%u0041%ff%0a//",
        "/connectors/%2e//%2F%25%5c",
        "/connectors/%0a;x/",
    ] {
        for method in ["GET", "POST", "PUT"] {
            client
                .wire(&request(&format!("{method} {path}"), &["Host: x"]))
                .await;
        }
    }
    // Others have connectors meanwhile.
    client
        .only_status("GET /connectors?expand=%ff", &[], None)
        .await;
}

async fn heads_are_limited(client: &mut Client<'_>) {
    let host = "Host: x";
    for length in [7_000, 9_000, 20_000] {
        let long = "a".repeat(length);
        client
            .wire(&request(&format!("GET /connectors/{long}"), &[host]))
            .await;
        let header = format!("X-Long: {long}");
        client
            .wire(&request("GET /connectors/none", &[host, &header]))
            .await;
        client
            .wire(&request("PUT /connectors/none/pause", &[host, &header]))
            .await;
    }
    let many: Vec<_> = (0..500).map(|it| format!("A{it}: b")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).chain([host]).collect();
    client.wire(&request("GET /connectors/none", &many)).await;
}

async fn bodies_come_whole_or_in_pieces(client: &mut Client<'_>) {
    let body = "{\"config\":{}}";
    for headers in [
        &["Content-Length: 13"][..],
        &["Content-Length: 13", "Content-Encoding: identity"],
    ] {
        let headers: Vec<_> = ["Host: x", "Content-Type: application/json"]
            .into_iter()
            .chain(headers.iter().copied())
            .collect();
        client
            .wire(&format!("{}{body}", request("POST /connectors", &headers)))
            .await;
    }
    let chunked = [
        "Host: x",
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
    ];
    let head = request("POST /connectors", &chunked);
    client
        .wire(&format!(
            "{head}6;a=b\r\n{{\"conf\r\n7\r\nig\":{{}}}}\r\n0\r\nX-Trailer: c\r\n\r\n"
        ))
        .await;
    client.wire(&format!("{head}0\r\n\r\n")).await;
}

async fn connections_carry_several_requests(client: &mut Client<'_>) {
    let open = "GET /connectors/none HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = request("GET /health", &["Host: x"]);
    client.wire(&format!("{open}{open}{last}")).await;
    // Bodies that nobody reads.
    let body = "a".repeat(30_000);
    for line in [
        "POST /none",
        "PUT /connectors/none/pause",
        "DELETE /connectors",
    ] {
        let head = format!("{line} HTTP/1.1\r\nHost: x\r\n");
        client
            .wire(&format!("{head}Content-Length: 30000\r\n\r\n{body}{last}"))
            .await;
        client
            .wire(&format!(
                "{head}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n{last}"
            ))
            .await;
    }
    client.wire(&format!("\r\n{last}")).await;
    let lines = last.replace("\r\n", "\n");
    client.wire(&lines).await;
    let range = [
        "Host: x",
        "Range: bytes=0-1",
        "If-None-Match: *",
        "Accept-Encoding: gzip",
    ];
    client.wire(&request("GET /connectors/none", &range)).await;
}
