//! Offsets of sources and sinks.

use serde_json::{Value, json};

use crate::on_both_workers;
use crate::pair::Client;

on_both_workers!(offsets_of_a_source, offsets_of_a_sink);

fn offsets(entries: &[(Value, Value)]) -> Value {
    let entries = entries.iter();
    let listed: Vec<_> = entries
        .map(|(partition, offset)| json!({"partition": partition, "offset": offset}))
        .collect();
    json!({"offsets": listed})
}

async fn offsets_of_a_source(client: &mut Client<'_>) {
    let config = client.source("1\n2\n");
    client.create_running("src", &config).await;
    let path = format!("/connectors/{}/offsets", client.name("src"));
    client.wait_for(&path, "position").await;
    client.call(&format!("GET {path}")).await;
    let file = json!({"filename": config["file"]});
    let position = |position: Value| json!({"position": position});
    let start = offsets(&[(file.clone(), position(json!(0)))]);
    client.call_with(&format!("PATCH {path}"), &start).await;
    client.call(&format!("DELETE {path}")).await;

    let name = client.name("src");
    client.call(&format!("PUT /connectors/{name}/stop")).await;
    for changed in [
        start,
        offsets(&[
            (file.clone(), position(json!(2))),
            (file.clone(), position(json!(4))),
        ]),
        offsets(&[(file.clone(), position(json!("0")))]),
        offsets(&[(file.clone(), position(json!(-1)))]),
        offsets(&[(file.clone(), position(json!(1.5)))]),
        offsets(&[(file.clone(), position(json!(null)))]),
        offsets(&[(file.clone(), position(json!([1])))]),
        offsets(&[(file.clone(), json!({}))]),
        offsets(&[(file.clone(), json!({"position": {}}))]),
        offsets(&[(json!({}), position(json!(1)))]),
        offsets(&[(json!({"filename": {}}), position(json!(1)))]),
        offsets(&[(json!(null), position(json!(1)))]),
        offsets(&[(json!(null), json!(null))]),
        json!({"offsets": [{}]}),
    ] {
        client.call_with(&format!("PATCH {path}"), &changed).await;
    }
    client.call(&format!("GET {path}")).await;
    client
        .call_with(&format!("PATCH {path}"), &offsets(&[(file, json!(null))]))
        .await;
    client.call(&format!("GET {path}")).await;
    client.call(&format!("DELETE {path}")).await;
    client.call(&format!("DELETE {path}")).await;
    client.call(&format!("GET {path}")).await;
    client.call(&format!("DELETE /connectors/{name}")).await;
    client.call(&format!("GET {path}")).await;
}

async fn offsets_of_a_sink(client: &mut Client<'_>) {
    let (source, sink) = (client.source("1\n2\n"), client.sink());
    client.create_running("src", &source).await;
    client.create_running("dst", &sink).await;
    let name = client.name("dst");
    let path = format!("/connectors/{name}/offsets");
    client.wait_for(&path, "\"kafka_offset\":2").await;
    client.call(&format!("GET {path}")).await;
    client.call(&format!("DELETE {path}")).await;
    client.call(&format!("PUT /connectors/{name}/stop")).await;

    let topic = client.name("topic");
    let partition = |number: Value| json!({"kafka_topic": topic, "kafka_partition": number});
    let offset = |number: Value| json!({"kafka_offset": number});
    for (partition, offset) in [
        (partition(json!(0)), offset(json!(1))),
        (partition(json!("0")), offset(json!("0"))),
        (json!(null), offset(json!(1))),
        (json!({}), offset(json!(1))),
        (
            json!({"kafka_topic": null, "kafka_partition": 0}),
            offset(json!(1)),
        ),
        (partition(json!(null)), offset(json!(1))),
        (partition(json!("x")), offset(json!(1))),
        (partition(json!(99_999_999_999_u64)), json!(null)),
        (partition(json!([0])), json!(null)),
        (partition(json!(77)), offset(json!(1))),
        (partition(json!(0)), json!({})),
        (partition(json!(0)), offset(json!(null))),
        (partition(json!(0)), offset(json!(1.0))),
        (partition(json!(0)), offset(json!(1e10))),
        (partition(json!(0)), offset(json!([1, "b", null]))),
        (partition(json!(0)), offset(json!(u64::MAX))),
        (partition(json!(0)), offset(json!(-5))),
    ] {
        let changed = offsets(&[(partition, offset)]);
        client.call_with(&format!("PATCH {path}"), &changed).await;
    }
    client.call(&format!("GET {path}")).await;
    let forgotten = offsets(&[(partition(json!(0)), json!(null))]);
    client.call_with(&format!("PATCH {path}"), &forgotten).await;
    client.call(&format!("GET {path}")).await;
    client.call(&format!("DELETE {path}")).await;
    client.call(&format!("DELETE {path}")).await;
    for name in ["src", "dst"] {
        let name = client.name(name);
        client.call(&format!("DELETE /connectors/{name}")).await;
    }
}
