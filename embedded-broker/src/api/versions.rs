//! `ApiVersions`: what the broker can be asked.

use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::{ApiVersionsRequest, ApiVersionsResponse};

use super::{Call, SUPPORTED};
use crate::wire::shape::{Field, TEXT};

pub(super) const SHAPE: &[Field] = &[TEXT.since(3), TEXT.since(3)];

pub(super) fn answer(call: &Call<'_>, _request: ApiVersionsRequest) -> ApiVersionsResponse {
    all(call.version)
}

pub(super) fn all(version: i16) -> ApiVersionsResponse {
    let versions = SUPPORTED.iter().map(|it| {
        ApiVersion::default()
            .with_api_key(it.key as i16)
            .with_min_version(it.min)
            .with_max_version(it.max)
    });
    let response = ApiVersionsResponse::default().with_api_keys(versions.collect());
    match version {
        3.. => response.with_finalized_features_epoch(0),
        _ => response,
    }
}
