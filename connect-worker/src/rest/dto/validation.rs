//! The answer to a validation, and definitions of keys.

use connect_core::config::{ConfigKey, ConfigValueInfo, DefaultValue};
use serde::Serialize;
use utoipa::ToSchema;

use crate::herder::validation;

/// All keys of a configuration with their mistakes.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct ConfigInfos {
    name: String,
    error_count: usize,
    groups: Vec<String>,
    configs: Vec<ConfigInfo>,
}

impl From<validation::ConfigInfos> for ConfigInfos {
    fn from(infos: validation::ConfigInfos) -> Self {
        Self {
            name: infos.name,
            error_count: infos.error_count,
            groups: infos.groups,
            configs: infos.configs.into_iter().map(ConfigInfo::from).collect(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct ConfigInfo {
    definition: Option<ConfigKeyInfo>,
    value: Option<ValueInfo>,
}

impl From<validation::ConfigInfo> for ConfigInfo {
    fn from(info: validation::ConfigInfo) -> Self {
        Self {
            definition: info.definition.map(ConfigKeyInfo::from),
            value: info.value.map(ValueInfo::from),
        }
    }
}

/// The definition of a key.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct ConfigKeyInfo {
    name: String,
    r#type: &'static str,
    required: bool,
    default_value: Option<String>,
    importance: &'static str,
    documentation: String,
    group: Option<String>,
    order_in_group: i32,
    width: &'static str,
    display_name: String,
    dependents: Vec<String>,
}

impl From<ConfigKey> for ConfigKeyInfo {
    fn from(key: ConfigKey) -> Self {
        let (required, default_value) = match key.default {
            DefaultValue::Required => (true, None),
            DefaultValue::Null => (false, None),
            DefaultValue::Text(text) => (false, Some(text.into_owned())),
        };
        Self {
            name: key.name.into_owned(),
            r#type: key.kind.as_str(),
            required,
            default_value,
            importance: key.importance.as_str(),
            documentation: key.documentation.into_owned(),
            group: key.group.map(std::borrow::Cow::into_owned),
            order_in_group: key.order_in_group,
            width: key.width.as_str(),
            display_name: key.display_name.into_owned(),
            dependents: key
                .dependents
                .into_iter()
                .map(std::borrow::Cow::into_owned)
                .collect(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConfigValueInfo)]
struct ValueInfo {
    name: String,
    value: Option<String>,
    recommended_values: Vec<String>,
    errors: Vec<String>,
    visible: bool,
}

impl From<ConfigValueInfo> for ValueInfo {
    fn from(info: ConfigValueInfo) -> Self {
        let ConfigValueInfo {
            name,
            value,
            recommended_values,
            errors,
            visible,
        } = info;
        Self {
            name,
            value,
            recommended_values,
            errors,
            visible,
        }
    }
}
