//! Questions to the other side, asked with a deadline.

use std::future::{pending, ready};

use connect_core::plugin::ConfigFns;
use connect_core::{ConnectError, Result};

use super::*;
use crate::config::fixtures::{MASK, SOURCE, plugins};
use crate::config::worker::{Brokers, WorkerConfig};
use crate::herder::validation::validate;

fn question(key: &str, answer: Result<Vec<String>>) -> Recommendation {
    Recommendation {
        key: key.to_owned(),
        values: Box::pin(ready(answer)),
    }
}

/// The plugins of the tests, one of them with other answers.
fn plugins_with(name: &str, change: impl Fn(&mut ConfigFns)) -> PluginRegistry {
    let all = plugins();
    let changed = all.iter().copied().map(|mut plugin| {
        if plugin.info.name == name {
            change(&mut plugin.config);
        }
        plugin
    });
    PluginRegistry::new(changed.collect::<Vec<_>>()).unwrap()
}

async fn validated(plugins: &PluginRegistry, entries: &[(&str, &str)]) -> ConfigInfos {
    let worker = Props::from_iter([
        ("bootstrap.servers", "a:1"),
        ("key.converter", crate::config::fixtures::JSON),
        ("value.converter", crate::config::fixtures::JSON),
        ("offset.storage.file.filename", "f"),
    ]);
    let worker = WorkerConfig::parse(worker, Brokers::Configured, plugins).unwrap();
    let good = [
        ("connector.class", "FileStreamSource"),
        ("name", "a"),
        ("topic", "t"),
    ];
    let props = Props::from_iter(good.iter().chain(entries).copied());
    let mut infos = validate(plugins, &worker, &props).unwrap();
    let threads = PluginThreads::new();
    complete(&threads, plugins, &props, &Secrets::default(), &mut infos).await;
    infos
}

fn recommended<'a>(infos: &'a ConfigInfos, key: &str) -> &'a [String] {
    let mut values = infos.configs.iter().filter_map(|it| it.value.as_ref());
    let value = values.find(|it| it.name == key).unwrap();
    &value.recommended_values
}

fn errors(infos: &ConfigInfos) -> Vec<&str> {
    let values = infos.configs.iter().filter_map(|it| it.value.as_ref());
    let errors = values.flat_map(|it| &it.errors);
    errors.map(String::as_str).collect()
}

#[tokio::test]
async fn clients_are_told_what_can_be_chosen() {
    let plugins = plugins_with(SOURCE, |config| {
        config.recommend = |props| {
            let name = props.get("name").unwrap_or_default();
            vec![question("file", Ok(vec![format!("/{name}")]))]
        };
    });

    let infos = validated(&plugins, &[]).await;

    assert_eq!(recommended(&infos, "file"), ["/a"]);
    assert_eq!(infos.error_count, 0);
}

#[tokio::test]
async fn plugins_behind_an_alias_are_asked_as_well() {
    let plugins = plugins_with(MASK, |config| {
        config.recommend = |_| vec![question("fields", Ok(vec!["iban".to_owned()]))];
    });
    let alias = [
        ("transforms", "m"),
        ("transforms.m.type", MASK),
        ("transforms.m.fields", "x"),
    ];

    let infos = validated(&plugins, &alias).await;

    assert_eq!(recommended(&infos, "transforms.m.fields"), ["iban"]);
}

#[tokio::test]
async fn without_an_answer_there_is_nothing_to_choose_and_no_mistake() {
    let plugins = plugins_with(SOURCE, |config| {
        config.recommend = |_| {
            let silent = Recommendation {
                key: "file".to_owned(),
                values: Box::pin(pending()),
            };
            let panicking = Recommendation {
                key: "topic".to_owned(),
                values: Box::pin(async { panic!("no idea") }),
            };
            let failing = question("batch.size", Err(ConnectError::retriable("gone")));
            vec![silent, panicking, failing]
        };
    });

    let infos = validated(&plugins, &[]).await;

    assert!(recommended(&infos, "file").is_empty());
    assert_eq!(infos.error_count, 0);
}

#[tokio::test]
async fn a_plugin_that_panics_when_asked_recommends_nothing() {
    let plugins = plugins_with(SOURCE, |config| config.recommend = |_| panic!("no idea"));

    assert_eq!(validated(&plugins, &[]).await.error_count, 0);
}

#[tokio::test]
async fn a_good_configuration_is_tried() {
    let refusing = plugins_with(SOURCE, |config| {
        config.probe = |_| Box::pin(ready(Err(ConnectError::retriable("nobody answers"))));
    });
    let silent = plugins_with(SOURCE, |config| config.probe = |_| Box::pin(pending()));
    let panicking = plugins_with(SOURCE, |config| {
        config.probe = |_| Box::pin(async { panic!("no idea") });
    });
    let problem = |text: &str| format!("{SOURCE} cannot work with this: {text}");

    let infos = validated(&refusing, &[]).await;
    assert_eq!(errors(&infos), [problem("nobody answers")]);
    assert_eq!(infos.error_count, 1);
    let infos = validated(&silent, &[]).await;
    assert_eq!(errors(&infos), [problem("no answer within 5 seconds")]);
    let infos = validated(&panicking, &[]).await;
    assert_eq!(errors(&infos), [problem("the plugin panicked")]);
}

#[tokio::test]
async fn a_faulty_configuration_is_not_tried() {
    let plugins = plugins_with(SOURCE, |config| {
        config.probe = |_| Box::pin(ready(Err(ConnectError::retriable("tried"))));
    });

    let infos = validated(&plugins, &[("batch.size", "x")]).await;

    let expected = "Invalid value x for configuration batch.size: Not a number of type INT";
    assert_eq!(errors(&infos), [expected]);
}

#[test]
fn messages_of_plugins_show_no_secret() {
    let hidden = Hidden {
        passwords: vec!["hunter2".to_owned()],
        referenced: &Secrets::default(),
    };

    let text = hidden.hide(&ConnectError::fatal("user me, password hunter2"));

    assert_eq!(text, "user me, password [hidden]");
}
