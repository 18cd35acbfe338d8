//! What the policies allow, by class and by alias.

use super::*;
use crate::config::fixtures::plugins;

const ALLOWLIST: &str = "connector.client.config.override.allowlist";

fn policy(name: &str) -> Result<OverridePolicy, String> {
    let worker = Props::from_iter([(ALLOWLIST, "acks, linger.ms")]);
    let policy = OverridePolicy::from_worker(name, &worker, &plugins());
    policy.map_err(|error| error.to_string())
}

/// Whether a policy lets a connector override a setting of its producer.
#[track_caller]
fn allows(name: &str, setting: &str) -> bool {
    let connector = Props::from_iter([(format!("producer.override.{setting}"), "x")]);
    let policy = policy(name).unwrap();
    policy.refusals(ClientKind::Producer, &connector).is_empty()
}

#[test]
fn policies_have_short_and_full_names() {
    let package = "org.apache.kafka.connect.connector.policy";
    let full = format!("{package}.NoneConnectorClientConfigOverridePolicy");

    assert!(allows("All", "acks"));
    assert!(!allows(&full, "acks"));
    assert!(!allows(
        "PrincipalConnectorClientConfigOverridePolicy",
        "acks"
    ));
}

#[test]
fn unknown_policies_are_refused() {
    for name in [
        "Foo",
        "all",
        "",
        "org.apache.kafka.connect.connector.policy.All",
    ] {
        assert_eq!(
            policy(name).unwrap_err(),
            format!(
                "Failed to find any class that implements interface org.apache.kafka.connect\
                 .connector.policy.ConnectorClientConfigOverridePolicy and which name matches \
                 {name}"
            )
        );
    }
}

#[test]
fn a_hole_in_the_allowlist_is_refused() {
    let allowlist = |worker: Props| {
        let policy = OverridePolicy::from_worker("Allowlist", &worker, &plugins());
        policy.map(drop).map_err(|error| error.to_string())
    };

    assert_eq!(
        allowlist(Props::from_iter([(ALLOWLIST, "acks,,x")])),
        Err(format!(
            "Configuration '{ALLOWLIST}' values must not be empty."
        ))
    );
    assert_eq!(allowlist(Props::default()), Ok(()));
}

#[test]
fn each_policy_allows_its_keys() {
    assert!(allows("Principal", "sasl.mechanism"));
    assert!(!allows("Principal", "acks"));
    assert!(allows("Allowlist", "acks"));
    assert!(!allows("Allowlist", "Acks"));
}

#[test]
fn overrides_are_checked_once_more_at_start() {
    let connector = Props::from_iter([
        ("producer.override.acks", "1"),
        ("producer.override.sasl.jaas.config", "secret"),
        ("consumer.override.group.id", "g"),
    ]);
    let check = |name: &str, kind| policy(name).unwrap().check(kind, &connector);

    assert_eq!(check("All", ClientKind::Producer), Ok(()));
    assert_eq!(check("None", ClientKind::Admin), Ok(()));
    assert_eq!(
        check("None", ClientKind::Producer).unwrap_err().to_string(),
        "Client Config Overrides not allowed [[acks,1,[],[The 'None' policy does not allow 'acks' \
         to be overridden in the connector configuration.],true], [sasl.jaas.config,[hidden],[],\
         [The 'None' policy does not allow 'sasl.jaas.config' to be overridden in the connector \
         configuration.],true]]"
    );
}
