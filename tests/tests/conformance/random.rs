//! Random requests beside the Java worker: bodies that were damaged, for all paths that read one.
//!
//! Nothing is created by them: where a request is good after all, its connector has no class.

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use connect_tests::differential::Chance;

use crate::on_both_workers;
use crate::pair::Client;

on_both_workers!(damaged_bodies_are_refused_alike, texts_are_read_alike);

const SEED: u64 = 4_711;
const BODIES: usize = 400;

const WHOLE: &[(&str, &str)] = &[
    (
        "POST /connectors",
        r#"{"name":"a","config":{"a":"b","n":1.5,"t":true,"z":null},"initial_state":"PAUSED"}"#,
    ),
    (
        "POST /connectors",
        "{ \"config\" : { \"a\" : \"b\" } ,\r\n \"name\" : \"\\u00e4\u{e4}\" }",
    ),
    (
        "PUT /connectors/none/config",
        r#"{"a":"Nope","x":"\n\u00e9"}"#,
    ),
    ("PATCH /connectors/none/config", r#"{"a":null,"x":-1e5}"#),
    (
        "PATCH /connectors/none/offsets",
        r#"{"offsets":[{"partition":{"f":"x","g":[1,{"a":null}]},"offset":{"p":1}},{"partition":{"f":"y"},"offset":null}]}"#,
    ),
    ("PUT /admin/loggers/none", r#"{"level":"NOPE"}"#),
    (
        "POST /connectors/none/tasks",
        r#"[{"a":"b","c":1},{"d":null}]"#,
    ),
    (
        "PUT /connector-plugins/Nope/config/validate",
        r#"{"connector.class":"Other","a":"b"}"#,
    ),
];

const PARTS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "null",
    "true",
    "fals",
    "nul",
    "1",
    "-",
    ".",
    "e",
    "0",
    "+1",
    "01",
    "1.",
    "1e",
    "NaN",
    "Infinity",
    "-Infinity",
    "x",
    "$",
    "_",
    "@",
    "#",
    "'",
    "/",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\u{1}",
    "\u{b}",
    "\u{e4}",
    "\u{2603}",
    "\u{1f600}",
    "\\u00",
    "\"a\":1",
    "{}",
    "[]",
    "\"\"",
    "\"x\":",
];

/// A body with one to three damages.
fn damaged(chance: &mut Chance, whole: &str) -> String {
    let mut body: Vec<char> = whole.chars().collect();
    for _ in 0..=chance.below(3) {
        let at = chance.below(body.len() + 1);
        let part: Vec<char> = chance.pick(PARTS).chars().collect();
        match chance.below(5) {
            0 => drop(body.drain(at..body.len().min(at + chance.pick(&[1, 1, 2, 5])))),
            1 => drop(body.splice(at..at, part)),
            2 => drop(body.splice(at..body.len().min(at + 1), part)),
            3 => body.truncate(at),
            _ => body.extend(part),
        }
    }
    body.into_iter().collect()
}

async fn damaged_bodies_are_refused_alike(client: &mut Client<'_>) {
    let mut chance = Chance::new(StdRng::seed_from_u64(SEED));
    for _ in 0..BODIES {
        let (request, whole) = chance.pick(WHOLE);
        let body = damaged(&mut chance, whole);
        client.raw(request, &body).await;
    }
}

async fn texts_are_read_alike(client: &mut Client<'_>) {
    let mut chance = Chance::new(StdRng::seed_from_u64(SEED));
    for _ in 0..BODIES / 4 {
        let text: String = (0..=chance.below(12)).map(|_| chance.pick(PARTS)).collect();
        let text = serde_json::to_string(&format!("x{text}")).expect("any text is JSON");
        let config = format!(r#"{{"config":{{{text}:{text}}}}}"#);
        client.raw("POST /connectors", &config).await;
        let level = format!(r#"{{"level":{text}}}"#);
        client.raw("PUT /admin/loggers/none", &level).await;
    }
}
