//! The SDK of Kafka Connect plugins.
