//! Samples are good configurations, as they stand and with everything that is commented out.

use connect_core::config::properties;
use connect_core::config::{ConfigErrors, Props};
use connect_core::plugin::PluginDescriptor;
use connect_core::reference::Reference;

use crate::PLUGINS;

/// Keys that the worker sets, with what it sets.
const GIVEN: (&str, &str) = ("converter.type", "value");

#[test]
fn samples_are_good_as_they_stand() {
    check_every_plugin(|plugin| {
        let sample = Reference::of(plugin).sample();

        check(plugin, &sample.props())
    });
}

#[test]
fn every_key_of_a_sample_is_good() {
    check_every_plugin(|plugin| {
        let sample = Reference::of(plugin).sample();

        sample.optional().try_for_each(|(key, value)| {
            let mut props = sample.props();
            props.insert(key, Some(value.to_owned()));
            let errors = check(plugin, &props).err().unwrap_or_default();
            // What cannot stand beside others is still a good value.
            let of_key = errors
                .iter()
                .filter(|(it, message)| *it == key && !message.contains("together"));
            let mut own = ConfigErrors::default();
            of_key.for_each(|(key, message)| own.push(key, message));
            match own.is_empty() {
                true => Ok(()),
                false => Err(own),
            }
        })
    });
}

#[test]
fn files_of_samples_are_read_as_they_were_meant() {
    for reference in Reference::all(&PLUGINS) {
        let sample = reference.sample();
        let text = sample.to_properties();

        let read = properties::parse_latin1(text.as_bytes()).expect("the syntax is right");

        let mut json = sample.to_json();
        let config = match json.get_mut("config") {
            Some(config) => {
                let mut config = config.take();
                config["name"] = json["name"].take();
                config
            }
            None => json,
        };
        let config = config.as_object().expect("an object of keys");
        let texts = config
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str().expect("a text")));
        assert_eq!(read, Props::from_iter(texts), "{text}");
    }
}

#[track_caller]
fn check_every_plugin(good: impl Fn(&PluginDescriptor) -> Result<(), ConfigErrors>) {
    let all = PLUGINS.iter().map(|it| (it.info.name, good(it)));
    let wrong: Vec<_> = all
        .filter_map(|(name, outcome)| Some(format!("{name}\n{}", outcome.err()?)))
        .collect();

    assert!(!PLUGINS.is_empty(), "no plugin is linked");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check(plugin: &PluginDescriptor, props: &Props) -> Result<(), ConfigErrors> {
    let mut props = props.clone();
    let (key, value) = GIVEN;
    if (plugin.config.definition)().key(key).is_some() {
        props.insert(key, Some(value.to_owned()));
    }
    (plugin.config.check)(&props)
}
