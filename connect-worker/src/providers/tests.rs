//! Providers by name, and configurations that refer to them.

use connect_core::config::NoConfig;
use connect_core::plugin::{PluginInfo, config_provider_plugin};
use connect_core::prelude::*;

use super::*;

struct Fixed;

impl ConfigProvider for Fixed {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    async fn get(&self, path: &str, keys: &BTreeSet<String>) -> Result<ConfigData> {
        match path {
            "panic" => panic!("no luck"),
            "fail" => Err(ConnectError::config("cannot tell")),
            "count" => {
                let counts = keys.iter().map(|it| (it, keys.len().to_string()));
                Ok(ConfigData::new(counts.collect()))
            }
            _ => {
                let known = keys.iter().filter(|it| *it != "none");
                let data = ConfigData::new(known.map(|it| (it, format!("<{it}>"))).collect());
                let ttl = path.parse().map(Duration::from_secs);
                Ok(match ttl {
                    Ok(ttl) => data.expiring_after(ttl),
                    Err(_) => data,
                })
            }
        }
    }
}

fn plugins() -> PluginRegistry {
    let info = PluginInfo {
        name: "test.Fixed",
        aliases: &[],
        version: "1.0.0",
        documentation: "A provider.",
        module: "tests",
    };
    PluginRegistry::new([config_provider_plugin::<Fixed>(info)]).unwrap()
}

fn providers() -> ConfigProviders {
    let worker = Props::from_iter([
        ("config.providers", "a, b,c"),
        ("config.providers.a.class", "test.Fixed"),
        ("config.providers.b.class", " Fixed "),
    ]);
    ConfigProviders::new(&worker, &plugins()).unwrap()
}

#[tokio::test]
async fn references_are_replaced_wherever_they_stand() {
    let written = Props::from_iter([
        ("x", "1,${a:p:k},${b:k}"),
        ("${a:k}", "plain"),
        ("y", "${c:k} ${d:k} ${a:none}"),
    ]);

    let resolved = providers().resolve(&written).await.unwrap();

    let expected = [
        ("x", "1,<k>,<k>"),
        ("${a:k}", "plain"),
        ("y", "${c:k} ${d:k} ${a:none}"),
    ];
    assert_eq!(resolved.props, Props::from_iter(expected));
    assert_eq!(resolved.secrets.hide("bad: <k>"), "bad: ${a:p:k}");
}

#[tokio::test]
async fn the_keys_of_a_path_are_asked_for_together() {
    let written = Props::from_iter([("x", "${a:count:k}${a:count:l}"), ("y", "${a:count:k}")]);

    let resolved = providers().resolve(&written).await.unwrap();

    let expected = [("x", "22"), ("y", "2")];
    assert_eq!(resolved.props, Props::from_iter(expected));
}

#[tokio::test]
async fn the_shortest_life_counts_unless_the_connector_wants_no_restart() {
    let mut written = Props::from_iter([("x", "${a:9:k}"), ("y", "${a:5:k}"), ("z", "${a::k}")]);

    let restarting = providers().resolve(&written).await.unwrap();
    written.insert("config.action.reload", Some("NONE".to_owned()));
    let staying = providers().resolve(&written).await.unwrap();

    assert_eq!(restarting.reload_after, Some(Duration::from_secs(5)));
    assert_eq!(staying.reload_after, None);
}

/// A connector whose values never live would do nothing but start.
#[tokio::test]
async fn a_connector_has_a_second_between_restarts() {
    let written = Props::from_iter([("x", "${a:0:k}")]);

    let resolved = providers().resolve(&written).await.unwrap();

    assert_eq!(resolved.reload_after, Some(Duration::from_secs(1)));
}

#[tokio::test]
async fn a_provider_that_fails_or_panics_fails_the_lookup() {
    let lookup = async |text| {
        let written = Props::from_iter([("x", text)]);
        providers().resolve(&written).await.unwrap_err().to_string()
    };

    assert_eq!(lookup("${a:fail:k}").await, "cannot tell");
    assert_eq!(
        lookup("${b:panic:k}").await,
        "config provider b panicked: no luck"
    );
}

#[test]
fn a_class_that_is_no_provider_is_reported_under_its_key() {
    let worker = Props::from_iter([
        ("config.providers", "a"),
        ("config.providers.a.class", "test.None"),
    ]);

    let errors = ConfigProviders::new(&worker, &plugins()).unwrap_err();

    let message = "Invalid value test.None for configuration config.providers.a.class: Could not \
                   load config provider class or one of its dependencies";
    let reported: Vec<_> = errors.iter().collect();
    assert_eq!(reported, [("config.providers.a.class", message)]);
}
