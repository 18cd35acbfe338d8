//! The command line tools of the reference.

use connect_tests::kafka::tool;

use crate::bench::{Bench, conformance};
use crate::requests::{batch, produce};

conformance!(
    the_tool_for_topics_makes_describes_and_deletes,
    the_console_tools_write_and_read,
    the_tool_for_settings_changes_and_shows,
    the_tool_for_groups_shows_and_resets,
    the_tool_for_offsets_shows_where_partitions_end,
    the_tool_for_transactions_lists,
    the_verifiable_producer_is_idempotent,
);

/// Runs a tool that has to succeed, and returns what it prints.
async fn run(bench: &Bench, main_class: &str, arguments: &[&str], input: &str) -> Option<String> {
    let mut all = vec!["--bootstrap-server", bench.bootstrap()];
    all.extend(arguments);
    let output = tool(main_class, &all, input).await?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {printed}{failed}");
    Some(printed)
}

const TOPICS: &str = "org.apache.kafka.tools.TopicCommand";
const GROUPS: &str = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";

async fn the_tool_for_topics_makes_describes_and_deletes(bench: Bench) {
    let topic = bench.name("topic");
    let create = [
        "--create",
        "--topic",
        &topic,
        "--partitions",
        "3",
        "--config",
        "segment.ms=99",
    ];
    if run(&bench, TOPICS, &create, "").await.is_none() {
        return;
    }

    let described = run(&bench, TOPICS, &["--describe", "--topic", &topic], "")
        .await
        .unwrap();
    assert!(
        described.contains("PartitionCount: 3") && described.contains("segment.ms=99"),
        "{described}"
    );
    run(&bench, TOPICS, &["--delete", "--topic", &topic], "")
        .await
        .unwrap();
    let listed = run(&bench, TOPICS, &["--list"], "").await.unwrap();
    assert!(!listed.contains(&topic), "{listed}");
}

async fn the_console_tools_write_and_read(bench: Bench) {
    let (_, topic) = bench.with_topic(&[]).await;
    let producer = "org.apache.kafka.tools.ConsoleProducer";
    let lines = "one\ntwo\nthree\n";
    if run(&bench, producer, &["--topic", &topic], lines)
        .await
        .is_none()
    {
        return;
    }

    let consumer = "org.apache.kafka.tools.consumer.ConsoleConsumer";
    let arguments = [
        "--topic",
        &topic,
        "--from-beginning",
        "--max-messages",
        "3",
        "--timeout-ms",
        "30000",
    ];
    let printed = run(&bench, consumer, &arguments, "").await.unwrap();

    assert_eq!(printed, lines);
}

async fn the_tool_for_settings_changes_and_shows(bench: Bench) {
    let (_, topic) = bench.with_topic(&[]).await;
    let tool = "kafka.admin.ConfigCommand";
    let of_topic = ["--entity-type", "topics", "--entity-name", &topic];
    let alter = [
        &of_topic[..],
        &[
            "--alter",
            "--add-config",
            "cleanup.policy=[compact,delete],segment.ms=77",
        ],
    ]
    .concat();
    if run(&bench, tool, &alter, "").await.is_none() {
        return;
    }

    let shown = run(&bench, tool, &[&of_topic[..], &["--describe"]].concat(), "")
        .await
        .unwrap();

    assert!(
        shown.contains("segment.ms=77") && shown.contains("cleanup.policy=compact,delete"),
        "{shown}"
    );
}

async fn the_tool_for_groups_shows_and_resets(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    produce(&mut client, &topic, batch(&["a", "b", "c"])).await;
    let group = bench.name("group");
    let reset = [
        "--group",
        &group,
        "--topic",
        &topic,
        "--reset-offsets",
        "--to-offset",
        "1",
        "--execute",
    ];
    if run(&bench, GROUPS, &reset, "").await.is_none() {
        return;
    }

    let shown = run(&bench, GROUPS, &["--group", &group, "--describe"], "")
        .await
        .unwrap();

    let row = shown
        .lines()
        .find(|it| it.starts_with(&group))
        .unwrap_or_else(|| panic!("{shown}"));
    let fields: Vec<_> = row.split_whitespace().collect();
    assert_eq!(
        fields[1..6],
        [topic.as_str(), "0", "1", "3", "2"],
        "{shown}"
    );
    run(&bench, GROUPS, &["--group", &group, "--delete"], "")
        .await
        .unwrap();
}

async fn the_tool_for_offsets_shows_where_partitions_end(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    produce(&mut client, &topic, batch(&["a", "b"])).await;

    let tool = "org.apache.kafka.tools.GetOffsetShell";
    if let Some(printed) = run(&bench, tool, &["--topic", &topic], "").await {
        assert_eq!(printed.trim(), format!("{topic}:0:2"));
    }
}

async fn the_tool_for_transactions_lists(bench: Bench) {
    let id = bench.name("id");
    let mut client = bench.client().await;
    crate::requests::init_producer(&mut client, Some(&id), 60_000).await;

    let tool = "org.apache.kafka.tools.TransactionsCommand";
    if let Some(printed) = run(&bench, tool, &["list"], "").await {
        assert!(printed.contains(&id), "{printed}");
        let described = run(&bench, tool, &["describe", "--transactional-id", &id], "").await;
        assert!(described.unwrap().contains("Empty"));
    }
}

async fn the_verifiable_producer_is_idempotent(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let tool = "org.apache.kafka.tools.VerifiableProducer";
    let arguments = ["--topic", &topic, "--max-messages", "1000", "--acks", "-1"];
    if run(&bench, tool, &arguments, "").await.is_none() {
        return;
    }

    assert_eq!(
        crate::requests::read_all(&mut client, &topic).await.len(),
        1_000
    );
}
