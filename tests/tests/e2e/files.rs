//! A file becomes a topic becomes a file.

use std::time::{Duration, Instant};

use connect_tests::lines::{append, numbered};
use connect_tests::process::Signal;
use serde_json::json;

use crate::scene::{Scene, on_both_brokers, text};

on_both_brokers!(
    every_line_arrives_as_it_was,
    many_lines_arrive_byte_by_byte,
    an_appended_line_arrives_in_under_a_second,
    a_restarted_worker_continues_where_it_stopped,
    a_line_is_sent_when_its_end_is_written,
    a_file_that_appears_later_is_read,
    what_the_sink_file_held_before_stays,
    topics_of_a_pattern_are_read_and_so_are_those_that_come_later,
);

async fn every_line_arrives_as_it_was(scene: Scene) {
    let long = "x".repeat(100_000);
    let lines = [
        "",
        "plain",
        " blanks \t around ",
        "åß∂ 漢字 🦀",
        "\u{feff}mark",
        &long,
        "null",
        "",
    ];
    scene.append(&format!("{}\n", lines.join("\n")));
    scene.append("from another system\r\nand from an old one\rend\n");
    let unix_ends = "from another system\nand from an old one\nend\n";

    let _worker = scene.worker_with_both().start().await;

    scene
        .wait_for_sink(&format!("{}\n{unix_ends}", lines.join("\n")))
        .await;
    let in_topic: Vec<&str> = lines.into_iter().chain(unix_ends.lines()).collect();
    assert_eq!(scene.topic_values().await, in_topic);
}

async fn many_lines_arrive_byte_by_byte(scene: Scene) {
    let lines = numbered(0..50_000);
    scene.append(&lines);

    let worker = scene.worker().start().await;
    scene.create_both(&worker).await;

    scene.wait_for_sink(&lines).await;
}

async fn an_appended_line_arrives_in_under_a_second(scene: Scene) {
    scene.append("first\n");
    let _worker = scene.worker_with_both().start().await;
    let mut expected = "first\n".to_owned();
    scene.wait_for_sink(&expected).await;

    let mut times = Vec::new();
    for line in ["a\n", "b\n", "c\n", "d\n", "e\n"] {
        expected.push_str(line);
        let appended = Instant::now();
        scene.append(line);
        scene.wait_for_sink(&expected).await;
        times.push(appended.elapsed());
    }

    // One of them may meet a moment in which the machine is busy with another test.
    times.sort();
    assert!(times[2] < Duration::from_secs(1), "{times:?}");
}

async fn a_restarted_worker_continues_where_it_stopped(scene: Scene) {
    let worker = scene.worker_with_both();
    let mut expected = String::new();
    for (round, signal) in (0..).zip([Signal::Terminate, Signal::Interrupt, Signal::Terminate]) {
        // Half of the lines wait for the worker, half of them arrive while it runs.
        let [waiting, coming] =
            [2 * round, 2 * round + 1].map(|it| numbered(it * 500..(it + 1) * 500));
        scene.append(&waiting);
        let running = worker.start().await;
        scene.append(&coming);
        expected.extend([waiting, coming]);
        scene.wait_for_sink(&expected).await;

        let code = running.stop(signal).await;

        assert_eq!(
            code,
            if signal == Signal::Interrupt {
                130
            } else {
                143
            }
        );
    }

    // A clean stop stores how far everything is, so nothing is sent twice.
    let in_topic = scene.topic_values().await;
    assert_eq!(in_topic, expected.lines().collect::<Vec<_>>());
}

async fn a_line_is_sent_when_its_end_is_written(scene: Scene) {
    let worker = scene.worker_with_both();
    scene.append("whole\nhalf");
    let running = worker.start().await;
    scene.wait_for_sink("whole\n").await;

    running.stop(Signal::Terminate).await;
    let running = worker.start().await;
    scene.append(" and half\nwhole again\n");

    scene
        .wait_for_sink("whole\nhalf and half\nwhole again\n")
        .await;
    running.stop(Signal::Terminate).await;
}

async fn a_file_that_appears_later_is_read(scene: Scene) {
    let worker = scene.worker().start().await;
    scene.create_both(&worker).await;

    scene.append("late\n");

    scene.wait_for_sink("late\n").await;
}

async fn what_the_sink_file_held_before_stays(scene: Scene) {
    scene.append("new\n");
    append(&scene.sink_file(), "old\n");
    let worker = scene.worker().start().await;
    scene.create_both(&worker).await;
    scene.wait_for_sink("old\nnew\n").await;

    // A second sink reads the topic from its beginning, into a file of its own.
    let second = scene.path("second.txt");
    let mut config = scene.sink();
    config["file"] = json!(text(&second));
    worker
        .rest()
        .create(&format!("{}-2", scene.sink_name()), &config)
        .await;

    connect_tests::lines::wait_for_text(crate::scene::ARRIVAL_LIMIT, &second, "new\n").await;
}

async fn topics_of_a_pattern_are_read_and_so_are_those_that_come_later(scene: Scene) {
    let mut sink = scene.sink();
    sink.as_object_mut().unwrap().remove("topics");
    sink["topics.regex"] = format!("{}-(one|two)", scene.topic()).into();
    let worker = scene.worker().set("consumer.metadata.max.age.ms", "300");
    let worker = worker.start().await;
    let mut expected = String::new();

    for name in ["one", "other", "two"] {
        let mut source = scene.source();
        let file = scene.path(name);
        append(&file, &format!("{name}\n"));
        source["file"] = text(&file).into();
        source["topic"] = scene.topic_of(name).into();
        worker.rest().create(&scene.topic_of(name), &source).await;
        if name == "one" {
            worker.rest().create(&scene.sink_name(), &sink).await;
        }
        if name != "other" {
            expected += &format!("{name}\n");
            scene.wait_for_sink(&expected).await;
        }
    }
}
