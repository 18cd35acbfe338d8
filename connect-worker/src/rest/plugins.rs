//! `/connector-plugins`: what this program can run, and what it wants to be told.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use connect_core::converter::Role;
use connect_core::plugin::{PluginDescriptor, PluginEntry};
use connect_core::registry::PluginRegistry;

use super::Api;
use super::body::JsonBody;
use super::dto::{ConfigInfos, ConfigKeyInfo, ConfigMap, ErrorMessage, PluginInfo};
use super::error::RestError;
use super::path::NamePath;
use super::query::QueryParams;
use crate::config::connector::CONNECTOR_CLASS;
use crate::config::connector::aliases::no_such_version;
use crate::config::version_range::VersionRequirement;
use crate::herder::validation::{ValidationError, plugin_definition};

/// Plugins of the worker.
#[utoipa::path(
    get,
    path = "/connector-plugins",
    params(("connectorsOnly" = Option<bool>, Query, description = "Whether other plugins are left out, as they are unless this is false")),
    responses(
        (status = OK, description = "The plugins", body = Vec<PluginInfo>),
    )
)]
pub(super) async fn list(State(api): State<Arc<Api>>, query: QueryParams) -> Json<Vec<PluginInfo>> {
    let connectors_only = query.flag("connectorsOnly").unwrap_or(true);
    let groups: &[&str] = match connectors_only {
        true => &["sink", "source"],
        false => &[
            "sink",
            "source",
            "transformation",
            "predicate",
            "converter",
            "header_converter",
        ],
    };
    let mut listed = Vec::new();
    for group in groups {
        let members = api.plugins().iter().filter(|it| types(it).contains(group));
        listed.extend(members.map(|it| PluginInfo {
            class: it.info.name,
            r#type: group,
            version: it.info.version,
        }));
    }
    Json(listed)
}

/// The groups that a plugin is listed in: a converter of headers and of records is in two, what
/// belongs to the worker in none.
fn types(plugin: &PluginDescriptor) -> &'static [&'static str] {
    match plugin.entry {
        PluginEntry::Sink { .. } => &["sink"],
        PluginEntry::Source { .. } => &["source"],
        PluginEntry::Transform { .. } => &["transformation"],
        PluginEntry::Predicate { .. } => &["predicate"],
        PluginEntry::ConfigProvider { .. }
        | PluginEntry::ClientConfigPolicy { .. }
        | PluginEntry::RestExtension { .. } => &[],
        PluginEntry::Converter { roles, .. } => {
            let converts_headers = roles.contains(&Role::Header);
            let converts_records = roles.iter().any(|role| *role != Role::Header);
            match (converts_records, converts_headers) {
                (true, true) => &["converter", "header_converter"],
                (true, false) => &["converter"],
                (false, _) => &["header_converter"],
            }
        }
    }
}

/// Definitions of the keys of a plugin.
#[utoipa::path(
    get,
    path = "/connector-plugins/{name}/config",
    params(NamePath<String>, ("version" = Option<String>, Query, description = "Which version is described: `latest`, a version or a range")),
    responses(
        (status = OK, description = "The keys", body = Vec<ConfigKeyInfo>),
        (status = BAD_REQUEST, description = "There is no such version, or the plugin is none of a connector", body = ErrorMessage),
        (status = NOT_FOUND, description = "There is no such plugin", body = ErrorMessage),
    )
)]
pub(super) async fn config(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<String>,
    query: QueryParams,
) -> Result<Json<Vec<ConfigKeyInfo>>, RestError> {
    let version = query.first("version").map(|version| {
        version.parse::<VersionRequirement>().map_err(|_| {
            RestError::bad_request(format!("Invalid version specification: {version}"))
        })
    });
    let version = version.transpose()?;
    let Ok(plugin) = api.plugins().find(&name) else {
        return Err(unknown(api.plugins(), &name, version.is_some()));
    };
    if let Some(required) = version
        && !required.allows(plugin.info.version)
    {
        return Err(RestError::bad_request(no_such_version(plugin, &required)));
    }
    if types(plugin).is_empty() {
        return Err(RestError::bad_request(format!(
            "Invalid plugin class {name}. Valid types are sink, source, converter, \
             header_converter, transformation, predicate."
        )));
    }
    let keys = plugin_definition(plugin);
    Ok(Json(keys.into_iter().map(ConfigKeyInfo::from).collect()))
}

/// There is no such plugin, but perhaps a class of the reference in which plugins are nested.
fn unknown(plugins: &PluginRegistry, name: &str, is_versioned: bool) -> RestError {
    let is_nested = |it: &PluginDescriptor| {
        let rest = it.info.name.strip_prefix(name);
        rest.is_some_and(|it| it.starts_with('$'))
    };
    match plugins.iter().any(is_nested) {
        true if is_versioned => RestError::bad_request(format!(
            "Plugin {name} is not part of Connect's plugin loading mechanism (ClassPath or Plugin \
             Path)"
        )),
        true => RestError::internal("Instantiation error"),
        false => RestError::not_found(format!("Unknown plugin {name}.")),
    }
}

/// Checks a configuration and tells all of its mistakes, key by key.
#[utoipa::path(
    put,
    path = "/connector-plugins/{name}/config/validate",
    params(NamePath<String>),
    request_body = ConfigMap,
    responses(
        (status = OK, description = "The keys with their mistakes", body = ConfigInfos),
        (status = BAD_REQUEST, description = "The configuration is that of another plugin", body = ErrorMessage),
    )
)]
pub(super) async fn validate(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<String>,
    body: JsonBody,
) -> Result<Json<ConfigInfos>, RestError> {
    let config = body.config("connectorConfig")?;
    if let Some(class) = config.get(CONNECTOR_CLASS)
        && !without_suffix(class).ends_with(without_suffix(&name))
    {
        return Err(RestError::bad_request(format!(
            "Included connector type {class} does not match request type {name}"
        )));
    }
    match api.admission.validate(&config).await {
        Ok(infos) => Ok(Json(infos.into())),
        Err(error) => Err(wrapped(&error)),
    }
}

/// This endpoint alone answers with the exception that the reference met on its way.
fn wrapped(error: &ValidationError) -> RestError {
    RestError::internal(format!("{}: {error}", error.exception()))
}

fn without_suffix(class: &str) -> &str {
    class
        .strip_suffix("Connector")
        .filter(|it| !it.is_empty())
        .unwrap_or(class)
}
