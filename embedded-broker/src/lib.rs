//! A durable single-node broker that speaks the Kafka protocol.
