use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    #[config(nested, key = "TLS")]
    tls: Tls,
}

/// Encryption.
#[derive(ConnectorConfig)]
struct Tls {
    /// Name in the certificate.
    host: String,
}

fn main() {}
