//! The text, read by a parser that somebody else wrote.

use std::collections::BTreeMap;

use connect_core::plugin::PluginKind;
use prometheus_parse::{Scrape, Value as Parsed};

use super::super::names::{APP_INFO, CONNECTOR_TASKS, FETCH_PARTITION, PLUGINS, SOURCE, WORKER};
use super::super::reading::{number, tags, text};
use super::super::tests::{metrics, readings, task_figures};
use super::*;

/// All samples as `name{labels}` with their values, and the types of all names.
fn parse(text: &str) -> (BTreeMap<String, f64>, BTreeMap<String, &'static str>) {
    let lines = text.lines().map(|it| Ok(it.to_owned()));
    let scrape = Scrape::parse(lines).unwrap();
    let (mut samples, mut types) = (BTreeMap::new(), BTreeMap::new());
    for sample in scrape.samples {
        let (value, kind) = match sample.value {
            Parsed::Counter(value) => (value, "counter"),
            Parsed::Gauge(value) => (value, "gauge"),
            other => panic!("{} is {other:?}", sample.metric),
        };
        let labels: BTreeMap<_, _> = sample.labels.iter().collect();
        let labels = labels.iter().map(|(name, it)| format!("{name}={it}"));
        let labels = labels.collect::<Vec<_>>().join(",");
        types.insert(sample.metric.clone(), kind);
        let name = format!("{}{{{labels}}}", sample.metric);
        assert_eq!(samples.insert(name.clone(), value), None, "{name} twice");
    }
    (samples, types)
}

fn render(readings: &[Reading]) -> String {
    let mut page = Page::default();
    readings.iter().for_each(|it| page.add(it));
    page.render()
}

fn plugin_reading(connector: &str, figures: &[(&'static str, f64)]) -> Reading {
    let figures = figures.iter().map(|(name, value)| Figure {
        meaning: Some("A \\ and\na line.".to_owned()),
        ..number(name, *value)
    });
    Reading {
        group: &PLUGINS,
        tags: tags(&PLUGINS, [connector, "0"]),
        figures: figures.collect(),
    }
}

#[test]
fn names_follow_the_rule() {
    let names = [
        (&WORKER, "task-count", "kafka_connect_worker_task_count"),
        (
            &CONNECTOR_TASKS,
            "connector-running-task-count",
            "kafka_connect_worker_connector_running_task_count",
        ),
        (
            &SOURCE,
            "source-record-poll-total",
            "kafka_connect_source_task_source_record_poll_total",
        ),
        (
            &FETCH_PARTITION,
            "records-lag",
            "kafka_consumer_fetch_manager_records_lag",
        ),
        (&APP_INFO, "start-time-ms", "kafka_connect_start_time_ms"),
        (&PLUGINS, "Rows per s.", "kafka_connect_plugins_rows_per_s_"),
    ];
    for (group, attribute, expected) in names {
        assert_eq!(name(group, attribute), expected);
    }
}

#[test]
fn words_are_labels_and_totals_are_counters() {
    let reading = Reading {
        group: &CONNECTOR,
        tags: tags(&CONNECTOR, ["c"]),
        figures: vec![
            text("connector-type", "sink"),
            text("status", "running"),
            figure_unknown("connector-version"),
        ],
    };
    let task = Reading {
        group: &TASK,
        tags: tags(&TASK, ["c", "0"]),
        figures: vec![text("status", "paused"), text("task-class", "a.B")],
    };
    let about = Reading {
        group: &APP_INFO,
        tags: tags(&APP_INFO, ["w:1"]),
        figures: vec![text("commit-id", "x")],
    };
    let totals = plugin_reading("c", &[("rows-total", 2.0), ("rows", 1.0)]);

    let (samples, types) = parse(&render(&[reading, task, about, totals]));

    let names: Vec<_> = samples.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "kafka_connect_commit_id_info{clientId=w:1,commit_id=x}",
            "kafka_connect_connector_connector_type_info{connector=c,type=sink}",
            "kafka_connect_connector_state{connector=c,status=running}",
            "kafka_connect_connector_status{connector=c,status=paused,task=0}",
            "kafka_connect_connector_task_task_class_info{class=a.B,connector=c,task=0}",
            "kafka_connect_plugins_rows_total{connector=c,task=0}",
            "kafka_connect_plugins_rows{connector=c,task=0}",
        ]
    );
    assert_eq!(types["kafka_connect_plugins_rows_total"], "counter");
    assert_eq!(types["kafka_connect_plugins_rows"], "gauge");
}

fn figure_unknown(name: &'static str) -> Figure {
    Figure {
        value: Value::Unknown,
        ..number(name, 0.0)
    }
}

#[test]
fn a_text_can_hold_any_name_and_any_number() {
    let figures = [
        ("nothing", f64::NAN),
        ("endless", f64::INFINITY),
        ("small", 1.5e-9),
        ("large", 1e20),
        ("in order", -3.0),
        ("in-order", -4.0),
    ];
    let text = render(&[plugin_reading("ä \"b\" \\ c", &figures)]);

    let (samples, _) = parse(&text);

    let value = |name: &str| {
        let found = samples.iter().find(|(it, _)| it.starts_with(name));
        *found.unwrap().1
    };
    assert!(value("kafka_connect_plugins_nothing").is_nan());
    assert!(value("kafka_connect_plugins_endless").is_infinite());
    assert_eq!(
        value("kafka_connect_plugins_small").to_bits(),
        1.5e-9_f64.to_bits()
    );
    assert_eq!(
        value("kafka_connect_plugins_large").to_bits(),
        1e20_f64.to_bits()
    );
    // Of two that have become the same name, the first one counts.
    assert_eq!(
        value("kafka_connect_plugins_in_order").to_bits(),
        (-3.0_f64).to_bits()
    );
    assert!(
        text.contains(r#"{connector="ä \"b\" \\ c",task="0"} NaN"#),
        "{text}"
    );
    assert!(
        text.contains(r"# HELP kafka_connect_plugins_small A \\ and\na line."),
        "{text}"
    );
    let helps = text.lines().filter(|it| it.starts_with("# HELP")).count();
    assert_eq!(helps, 5);
}

#[test]
fn everything_that_is_measured_can_be_parsed() {
    let metrics = metrics("0");
    let figures = task_figures(PluginKind::Source);
    let mut readings = readings(&metrics);
    figures.read(0, None, &mut |it| readings.push(it));

    let text = render(&readings);

    let lines = text.lines().filter(|it| !it.starts_with('#')).count();
    assert_eq!(parse(&text).0.len(), lines);
    assert!(lines > 50, "{text}");
}
