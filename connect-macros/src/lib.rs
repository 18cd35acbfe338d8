//! Derive and attribute macros of the connector SDK.
