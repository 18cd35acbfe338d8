//! Whether a source can keep what its configuration asks of transactions.
//!
//! Workers of a cluster ask this; a standalone worker writes in no transactions and asks nothing.

use connect_core::config::Props;
use connect_core::plugin::{PluginDescriptor, PluginEntry};
use connect_core::source::{ExactlyOnceSupport, SourceGuarantees};

use super::ask;
use super::keys::Keys;
use crate::config::connector::{EXACTLY_ONCE, TRANSACTION_BOUNDARY};

const NOT_ENABLED: &str = "This worker does not have exactly-once source support enabled.";
const UNKNOWN: &str = "The connector does not implement the API required for preflight validation of \
                       exactly-once source support. Please consult the documentation for the \
                       connector to determine whether it supports exactly-once semantics, and then \
                       consider reconfiguring the connector to use the value \"requested\" for this \
                       property (which will disable this preflight check and allow the connector to \
                       be created).";
const UNSUPPORTED: &str =
    "The connector does not support exactly-once semantics with the provided configuration.";
const NO_BOUNDARIES: &str = "The connector does not support connector-defined transaction \
                             boundaries with the given configuration. Please reconfigure it to use \
                             a different transaction boundary definition.";

/// Adds what is wrong with the settings of transactions. A setting that is faulty by itself is not
/// looked at.
pub(super) fn validate(
    is_enabled: bool,
    plugin: &PluginDescriptor,
    props: &Props,
    keys: &mut Keys,
) {
    let is = |key: &str, value: &str| {
        let text = props.get(key).map(str::trim);
        text.is_some_and(|it| it.eq_ignore_ascii_case(value)) && !keys.has_error(key)
    };
    let is_required = is(EXACTLY_ONCE, "required");
    let is_by_connector = is(TRANSACTION_BOUNDARY, "connector");
    if is_required && !is_enabled {
        keys.add_error(EXACTLY_ONCE, NOT_ENABLED.to_owned());
    }
    if !is_required && !is_by_connector {
        return;
    }
    let guarantees = guarantees(plugin, props);
    if is_required && let Some(message) = refuse(&guarantees, delivery_problem) {
        keys.add_error(EXACTLY_ONCE, message);
    }
    if is_by_connector && let Some(message) = refuse(&guarantees, boundary_problem) {
        keys.add_error(TRANSACTION_BOUNDARY, message);
    }
}

/// What the source promises for this configuration, or why it does not answer.
fn guarantees(plugin: &PluginDescriptor, props: &Props) -> Result<SourceGuarantees, String> {
    let PluginEntry::Source { guarantees, .. } = plugin.entry else {
        return Ok(SourceGuarantees::default());
    };
    let answer = ask(plugin, || guarantees(props)).map_err(|error| error.to_string())?;
    answer.map_err(|errors| {
        let messages: Vec<_> = errors.iter().map(|(_, message)| message).collect();
        messages.join("\n")
    })
}

fn refuse(
    guarantees: &Result<SourceGuarantees, String>,
    problem: fn(SourceGuarantees) -> Option<&'static str>,
) -> Option<String> {
    match guarantees {
        Ok(guarantees) => problem(*guarantees).map(str::to_owned),
        Err(error) => Some(format!(
            "An unexpected error occurred during validation: {error}"
        )),
    }
}

fn delivery_problem(guarantees: SourceGuarantees) -> Option<&'static str> {
    match guarantees.exactly_once {
        Some(ExactlyOnceSupport::Supported) => None,
        Some(ExactlyOnceSupport::Unsupported) => Some(UNSUPPORTED),
        None => Some(UNKNOWN),
    }
}

fn boundary_problem(guarantees: SourceGuarantees) -> Option<&'static str> {
    (!guarantees.transaction_boundaries).then_some(NO_BOUNDARIES)
}

#[cfg(test)]
mod tests {
    use connect_core::config::ConfigErrors;
    use connect_core::plugin::GuaranteesFn;

    use super::*;
    use crate::config::connector::source_definition;
    use crate::config::fixtures::{SOURCE, plugins};

    /// The mistakes of a configuration, for a source that promises this.
    #[track_caller]
    fn check(
        is_enabled: bool,
        guarantees: GuaranteesFn,
        props: &[(&str, &str)],
        expected: &[(&str, &str)],
    ) {
        let registry = plugins();
        let mut plugin = *registry.find(SOURCE).unwrap();
        if let PluginEntry::Source { guarantees: it, .. } = &mut plugin.entry {
            *it = guarantees;
        }
        let props: Props = props.iter().copied().collect();
        let definition = source_definition();
        let own = [EXACTLY_ONCE, TRANSACTION_BOUNDARY];
        let infos = definition.validate(&props, &registry).into_iter();
        let infos = infos.filter(|it| own.contains(&it.name.as_str())).collect();
        let mut keys = Keys::of(&definition, infos);

        validate(is_enabled, &plugin, &props, &mut keys);

        let infos = keys.finish(SOURCE, Default::default());
        let values = infos.configs.iter().filter_map(|it| it.value.as_ref());
        let errors = values.flat_map(|it| it.errors.iter().map(|error| (it.name.as_str(), error)));
        let errors: Vec<_> = errors.map(|(key, error)| (key, error.as_str())).collect();
        assert_eq!(errors, expected);
    }

    fn supported(_: &Props) -> Result<SourceGuarantees, ConfigErrors> {
        Ok(SourceGuarantees {
            exactly_once: Some(ExactlyOnceSupport::Supported),
            transaction_boundaries: true,
        })
    }

    fn unsupported(_: &Props) -> Result<SourceGuarantees, ConfigErrors> {
        Ok(SourceGuarantees {
            exactly_once: Some(ExactlyOnceSupport::Unsupported),
            transaction_boundaries: false,
        })
    }

    fn silent(_: &Props) -> Result<SourceGuarantees, ConfigErrors> {
        Ok(SourceGuarantees::default())
    }

    fn broken(props: &Props) -> Result<SourceGuarantees, ConfigErrors> {
        if props.contains_key("panic") {
            panic!("out of order");
        }
        let mut errors = ConfigErrors::default();
        errors.add("file", "there is none");
        Err(errors)
    }

    const REQUIRED: (&str, &str) = (EXACTLY_ONCE, " Required ");
    const BY_CONNECTOR: (&str, &str) = (TRANSACTION_BOUNDARY, "CONNECTOR");

    #[test]
    fn nothing_is_asked_unless_it_is_required() {
        check(false, broken, &[], &[]);
        check(
            false,
            broken,
            &[(EXACTLY_ONCE, "requested"), (TRANSACTION_BOUNDARY, "poll")],
            &[],
        );
    }

    #[test]
    fn what_a_source_promises_decides() {
        let both = [REQUIRED, BY_CONNECTOR];
        check(true, supported, &both, &[]);
        let no_boundaries = (TRANSACTION_BOUNDARY, NO_BOUNDARIES);
        check(
            true,
            unsupported,
            &both,
            &[(EXACTLY_ONCE, UNSUPPORTED), no_boundaries],
        );
        check(
            true,
            silent,
            &both,
            &[(EXACTLY_ONCE, UNKNOWN), no_boundaries],
        );
    }

    #[test]
    fn the_worker_must_be_able_to_as_well() {
        check(
            false,
            supported,
            &[REQUIRED],
            &[(EXACTLY_ONCE, NOT_ENABLED)],
        );
        check(
            false,
            silent,
            &[REQUIRED],
            &[(EXACTLY_ONCE, NOT_ENABLED), (EXACTLY_ONCE, UNKNOWN)],
        );
        check(false, supported, &[BY_CONNECTOR], &[]);
    }

    #[test]
    fn a_source_that_fails_is_reported() {
        let failed = "An unexpected error occurred during validation: ";
        let wrong = format!("{failed}Invalid configuration file: there is none");
        let panicked = format!("{failed}{SOURCE} panicked in its validation: out of order");
        check(true, broken, &[REQUIRED], &[(EXACTLY_ONCE, &wrong)]);
        check(
            true,
            broken,
            &[BY_CONNECTOR, ("panic", "")],
            &[(TRANSACTION_BOUNDARY, &panicked)],
        );
    }

    #[test]
    fn a_faulty_setting_is_not_looked_at() {
        check(
            false,
            broken,
            &[(EXACTLY_ONCE, "always")],
            &[(
                EXACTLY_ONCE,
                "Invalid value always for configuration exactly.once.support: String must be one \
                 of (case insensitive): REQUIRED, REQUESTED",
            )],
        );
    }
}
