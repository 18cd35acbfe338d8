//! `DescribeConfigs`, `AlterConfigs`, `IncrementalAlterConfigs`.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use kafka_protocol::messages::incremental_alter_configs_request::AlterableConfig;
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse as IncrementalResult;
use kafka_protocol::messages::{
    AlterConfigsRequest, AlterConfigsResponse, DescribeConfigsRequest, DescribeConfigsResponse,
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use kafka_protocol::protocol::StrBytes;

use super::Call;
use crate::node::{NODE_ID, Node};
use crate::refusal::{Refusal, code_and_message};
use crate::topics::settings::{self, Kind, Overrides, SETTINGS, Setting};
use crate::wire::shape::{BOOL, Field, I8, TEXT, TEXTS, structs};

pub(super) const DESCRIBE_SHAPE: &[Field] = &[structs(&[I8, TEXT, TEXTS]), BOOL, BOOL.since(3)];
pub(super) const ALTER_SHAPE: &[Field] = &[structs(&[I8, TEXT, structs(&[TEXT, TEXT])]), BOOL];
pub(super) const INCREMENTAL_SHAPE: &[Field] =
    &[structs(&[I8, TEXT, structs(&[TEXT, I8, TEXT])]), BOOL];

const TOPIC: i8 = 2;
const BROKER: i8 = 4;

const SOURCE_TOPIC: i8 = 1;
const SOURCE_STATIC_BROKER: i8 = 4;
const SOURCE_DEFAULT: i8 = 5;

/// A setting of a topic as it is.
pub(super) struct Shown {
    pub(super) setting: &'static Setting,
    pub(super) value: String,
    pub(super) source: i8,
}

/// All settings of a topic, the ones of its own and the defaults.
pub(super) fn of_topic(node: &Node, overrides: &Overrides) -> impl Iterator<Item = Shown> {
    let default_max_message_bytes = node.config.max_message_bytes;
    SETTINGS
        .iter()
        .map(move |setting| match overrides.get(setting.name) {
            Some(value) => Shown {
                setting,
                value: value.clone(),
                source: SOURCE_TOPIC,
            },
            None => Shown {
                setting,
                value: settings::default_of(setting, default_max_message_bytes),
                source: SOURCE_DEFAULT,
            },
        })
}

pub(super) fn describe(
    call: &Call<'_>,
    request: DescribeConfigsRequest,
) -> DescribeConfigsResponse {
    let with_synonyms = request.include_synonyms;
    let results = request.resources.into_iter().map(|resource| {
        let described = describe_one(call, &resource, with_synonyms);
        let (error, message) =
            code_and_message(&described.as_ref().map(|_| ()).map_err(Clone::clone));
        DescribeConfigsResult::default()
            .with_error_code(error)
            .with_error_message(message)
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name)
            .with_configs(described.unwrap_or_default())
    });
    DescribeConfigsResponse::default().with_results(results.collect())
}

fn describe_one(
    call: &Call<'_>,
    resource: &DescribeConfigsResource,
    with_synonyms: bool,
) -> Result<Vec<DescribeConfigsResourceResult>, Refusal> {
    let keys = resource.configuration_keys.as_deref();
    let is_wanted = |name: &str| {
        // No keys and an empty list of keys both mean all of them.
        keys.is_none_or(|keys| keys.is_empty() || keys.iter().any(|it| it.as_str() == name))
    };
    match resource.resource_type {
        TOPIC => {
            let topics = call.node.topics.borrow();
            let topic = topics.get(&resource.resource_name);
            let topic = topic.ok_or_else(Refusal::unknown_partition)?;
            let all = of_topic(call.node, &topic.overrides);
            let wanted = all.filter(|it| is_wanted(it.setting.name));
            Ok(wanted
                .map(|it| topic_result(call, it, with_synonyms))
                .collect())
        }
        BROKER => {
            check_broker(&resource.resource_name)?;
            let all = broker_settings(call.node).into_iter();
            let wanted = all.filter(|(name, ..)| is_wanted(name));
            Ok(wanted
                .map(|(name, value, kind)| broker_result(call, name, value, kind))
                .collect())
        }
        other => Err(unsupported(other)),
    }
}

fn unsupported(resource_type: i8) -> Refusal {
    let text = format!("there are no settings of resources of type {resource_type}");
    Refusal::new(ResponseError::InvalidRequest, text)
}

fn check_broker(name: &str) -> Result<(), Refusal> {
    if name.parse() == Ok(NODE_ID) {
        return Ok(());
    }
    let text = format!("Unexpected broker id, expected {NODE_ID}, but received {name}");
    Err(Refusal::new(ResponseError::InvalidRequest, text))
}

fn topic_result(
    call: &Call<'_>,
    shown: Shown,
    with_synonyms: bool,
) -> DescribeConfigsResourceResult {
    let Shown {
        setting,
        value,
        source,
    } = shown;
    let synonym = |value: String, source| {
        DescribeConfigsSynonym::default()
            .with_name(StrBytes::from_static_str(setting.name))
            .with_value(Some(StrBytes::from_string(value)))
            .with_source(source)
    };
    let mut synonyms = Vec::new();
    if with_synonyms {
        if source == SOURCE_TOPIC {
            synonyms.push(synonym(value.clone(), SOURCE_TOPIC));
        }
        let default = settings::default_of(setting, call.node.config.max_message_bytes);
        synonyms.push(synonym(default, SOURCE_DEFAULT));
    }
    let result = DescribeConfigsResourceResult::default()
        .with_name(StrBytes::from_static_str(setting.name))
        .with_value(Some(StrBytes::from_string(value)))
        .with_config_source(source)
        .with_synonyms(synonyms);
    with_type(call, result, setting.kind)
}

/// Says what kind of value it is. There is no documentation.
fn with_type(
    call: &Call<'_>,
    result: DescribeConfigsResourceResult,
    kind: Kind,
) -> DescribeConfigsResourceResult {
    match call.version {
        3.. => result
            .with_config_type(kind.code())
            .with_documentation(None),
        _ => result,
    }
}

/// What clients ask brokers about, as far as there is something to say.
fn broker_settings(node: &Node) -> Vec<(&'static str, String, Kind)> {
    let config = &node.config;
    let int = Kind::Int { min: 0 };
    let listener = format!("PLAINTEXT://{}", config.listen);
    vec![
        (
            "auto.create.topics.enable",
            config.auto_create_topics.to_string(),
            Kind::Boolean,
        ),
        ("default.replication.factor", "1".to_owned(), int),
        ("log.cleanup.policy", "delete".to_owned(), Kind::List(&[])),
        ("listeners", listener, Kind::Text(&[])),
        (
            "log.dirs",
            config.data_dir.display().to_string(),
            Kind::Text(&[]),
        ),
        (
            "message.max.bytes",
            config.max_message_bytes.to_string(),
            int,
        ),
        ("min.insync.replicas", "1".to_owned(), int),
        ("node.id", NODE_ID.to_string(), int),
        ("num.partitions", config.default_partitions.to_string(), int),
    ]
}

fn broker_result(
    call: &Call<'_>,
    name: &'static str,
    value: String,
    kind: Kind,
) -> DescribeConfigsResourceResult {
    let result = DescribeConfigsResourceResult::default()
        .with_name(StrBytes::from_static_str(name))
        .with_value(Some(StrBytes::from_string(value)))
        .with_read_only(true)
        .with_config_source(SOURCE_STATIC_BROKER);
    with_type(call, result, kind)
}

pub(super) fn alter(call: &Call<'_>, request: AlterConfigsRequest) -> AlterConfigsResponse {
    let responses = request.resources.into_iter().map(|resource| {
        let configs = resource.configs.iter();
        let to =
            configs.filter_map(|it| Some((it.name.to_string(), it.value.as_ref()?.to_string())));
        let to = to.collect();
        let name = resource.resource_name.as_str();
        let altered = set(
            call,
            resource.resource_type,
            name,
            request.validate_only,
            |_| Ok(to),
        );
        let (error, message) = code_and_message(&altered);
        AlterConfigsResourceResponse::default()
            .with_error_code(error)
            .with_error_message(message)
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name)
    });
    AlterConfigsResponse::default().with_responses(responses.collect())
}

pub(super) fn alter_incrementally(
    call: &Call<'_>,
    request: IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
    let responses = request.resources.into_iter().map(|resource| {
        let name = resource.resource_name.as_str();
        let changes = &resource.configs;
        let altered = set(
            call,
            resource.resource_type,
            name,
            request.validate_only,
            |now| changed(now.clone(), changes),
        );
        let (error, message) = code_and_message(&altered);
        IncrementalResult::default()
            .with_error_code(error)
            .with_error_message(message)
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name)
    });
    IncrementalAlterConfigsResponse::default().with_responses(responses.collect())
}

/// Sets what `change` makes of the settings that a topic has of its own.
fn set(
    call: &Call<'_>,
    resource_type: i8,
    name: &str,
    validate_only: bool,
    change: impl FnOnce(&Overrides) -> Result<Overrides, Refusal>,
) -> Result<(), Refusal> {
    match resource_type {
        TOPIC => {}
        BROKER => {
            let text = "the settings of the broker are given when it starts";
            return Err(Refusal::new(ResponseError::InvalidRequest, text));
        }
        other => return Err(unsupported(other)),
    }
    let mut topics = call.node.topics.borrow_mut();
    let topic = topics.get(name).ok_or_else(Refusal::unknown_partition)?;
    let to = change(&topic.overrides)?;
    if validate_only {
        return settings::check(&to)
            .map_err(|text| Refusal::new(ResponseError::InvalidConfig, text));
    }
    topics.set_overrides(name, to)
}

const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

fn changed(mut overrides: Overrides, changes: &[AlterableConfig]) -> Result<Overrides, Refusal> {
    for change in changes {
        let name = change.name.as_str();
        let invalid = |text| Err(Refusal::new(ResponseError::InvalidConfig, text));
        let Some(setting) = settings::find(name) else {
            return invalid(format!("Unknown topic config name: {name}"));
        };
        if change.config_operation == DELETE {
            overrides.remove(name);
            continue;
        }
        let Some(value) = change.value.as_deref() else {
            return invalid(format!("Null value not supported for {name}"));
        };
        let value = match change.config_operation {
            SET => value.to_owned(),
            APPEND | SUBTRACT => {
                if !matches!(setting.kind, Kind::List(_) | Kind::Replicas) {
                    return invalid(format!("Config value append is not allowed for {name}"));
                }
                let now = overrides.get(name).map_or(setting.default, String::as_str);
                merged_list(now, value, change.config_operation == APPEND)
            }
            other => {
                let text = format!("the operation {other} on {name} is unknown");
                return Err(Refusal::new(ResponseError::InvalidRequest, text));
            }
        };
        overrides.insert(name.to_owned(), value);
    }
    Ok(overrides)
}

/// A list with other elements added, or taken out.
fn merged_list(now: &str, others: &str, add: bool) -> String {
    let elements = |text: &'_ str| -> Vec<String> {
        let parts = text.split(',').map(|it| it.trim().to_owned());
        parts.filter(|it| !it.is_empty()).collect()
    };
    let mut list = elements(now);
    for other in elements(others) {
        list.retain(|it| *it != other);
        if add {
            list.push(other);
        }
    }
    list.join(",")
}
