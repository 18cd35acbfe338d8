//! Plugins and the definitions of their keys.

use crate::on_both_workers;
use crate::pair::Client;

on_both_workers!(
    plugins_are_defined,
    versions_are_chosen,
    other_plugins_are_not
);

async fn plugins_are_defined(client: &mut Client<'_>) {
    for plugin in [
        "FileStreamSource",
        "FileStreamSinkConnector",
        "org.apache.kafka.connect.file.FileStreamSinkConnector",
        "JsonConverter",
        "StringConverter",
        "SimpleHeaderConverter",
        "IntegerConverter",
        "ByteArrayConverter",
        "RegexRouter",
        "Filter",
        "TopicNameMatches",
        "org.apache.kafka.connect.transforms.InsertField$Value",
        "none",
    ] {
        client
            .call(&format!("GET /connector-plugins/{plugin}/config"))
            .await;
    }
}

async fn versions_are_chosen(client: &mut Client<'_>) {
    for version in [
        "",
        "4.3.1",
        "latest",
        "nope",
        "1.0",
        "%5B1.0",
        "%5B4.0,5.0%5D",
    ] {
        client
            .call(&format!(
                "GET /connector-plugins/FileStreamSource/config?version={version}"
            ))
            .await;
    }
    client
        .call("GET /connector-plugins/none/config?version=x")
        .await;
}

async fn other_plugins_are_not(client: &mut Client<'_>) {
    for plugin in [
        "BasicAuthSecurityRestExtension",
        "org.apache.kafka.connect.transforms.InsertField",
        "org.apache.kafka.connect.transforms",
        "Key",
        "filestreamsource",
        "FileStreamSource%20",
    ] {
        for version in ["", "?version=4.3.1", "?version=9", "?version=["] {
            client
                .call(&format!("GET /connector-plugins/{plugin}/config{version}"))
                .await;
        }
    }
    for provider in ["All", "FileConfigProvider", "File", "EnvVar"] {
        client
            .call(&format!("GET /connector-plugins/{provider}/config"))
            .await;
    }
}
