use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// Name of the server.
    #[config(key = "tls.name")]
    name: String,
    #[config(nested)]
    tls: Tls,
}

/// Encryption.
#[derive(ConnectorConfig)]
struct Tls {
    /// Name in the certificate.
    host: String,
}

fn main() {}
