use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    #[config(nested, flatten)]
    tls: Tls,
}

/// Encryption.
#[derive(ConnectorConfig)]
struct Tls {
    /// Name in the certificate.
    host: String,
}

fn main() {}
