//! TLS of a member's connections.

use std::{fmt, fmt::Display, io, sync::Arc};

use key_stores::Identity;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::error::{KafkaError, Result};
use crate::settings::Translated;
use crate::tls;

/// How connections are encrypted.
pub(super) struct Encryption(TlsConnector);

impl fmt::Debug for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encryption").finish_non_exhaustive()
    }
}

impl Encryption {
    /// Reads the stores that settings name. Without one of trusted certificates those of the system are trusted.
    ///
    /// # Errors
    /// A store that cannot be used, by the setting's name.
    pub(super) fn new(settings: &Translated) -> Result<Self> {
        let certificates = tls::certificates(&settings.stores)?;
        let provider = Arc::new(ring::default_provider());
        let trusted = certificates.trusted.unwrap_or_default();
        let roots = match settings.stores.trusted {
            Some(_) => roots(&trusted)?,
            None => roots_of_system()?,
        };
        let chains =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let algorithm = settings.engine.get("ssl.endpoint.identification.algorithm");
        let verifier = Verifier {
            chains: chains.build().map_err(untrusted)?,
            trusted,
            checks_name: algorithm.is_none_or(|it| it != "none"),
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| KafkaError::config(format!("security.protocol: {error}")))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let config = match certificates.own {
            None => config.with_no_client_auth(),
            Some(own) => {
                let Identity { chain, key } = own.with_public_half();
                config.with_client_auth_cert(chain, key).map_err(|error| {
                    KafkaError::config(format!("ssl.keystore.location: {error}"))
                })?
            }
        };
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Shakes hands with a broker.
    pub(super) async fn encrypt(
        &self,
        stream: TcpStream,
        host: &str,
    ) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        self.0.connect(name, stream).await
    }
}

fn roots(trusted: &[CertificateDer<'static>]) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in trusted {
        roots.add(certificate.clone()).map_err(untrusted)?;
    }
    Ok(roots)
}

fn roots_of_system() -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    // One that cannot be read is no reason to do without the others.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    match roots.is_empty() {
        true => Err(untrusted(
            "it is not set, and the system has no trusted certificates",
        )),
        false => Ok(roots),
    }
}

fn untrusted(problem: impl Display) -> KafkaError {
    KafkaError::config(format!("ssl.truststore.location: {problem}"))
}

/// What of brokers' certificates is checked: as Java does it, and not as strictly as the web's rules.
#[derive(Debug)]
struct Verifier {
    chains: Arc<WebPkiServerVerifier>,
    trusted: Vec<CertificateDer<'static>>,
    /// Whether the certificate has to be for the host that was asked for.
    checks_name: bool,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.chains.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verified {
            // Names are compared last, so everything else is as it should be.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.checks_name => Ok(ServerCertVerified::assertion()),
            // A broker may show the very certificate of an authority that is trusted, which vouches for itself. Its
            // dates have been looked at before.
            Err(Error::InvalidCertificate(CertificateError::Other(_)))
                if self.trusted.iter().any(|it| it == end_entity) =>
            {
                if self.checks_name {
                    verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                }
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}

/// Whether one side does not accept the other. Everything else may be a broker on its way down.
pub(super) fn is_refusal(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|it| it.downcast_ref::<Error>());
    matches!(
        inner,
        Some(
            Error::InvalidCertificate(_)
                | Error::AlertReceived(_)
                | Error::PeerIncompatible(_)
                | Error::NoCertificatesPresented
        )
    )
}

#[cfg(test)]
mod tests {
    use rustls::ServerConfig;
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;
    use crate::settings::{self, ClientSettings};

    fn store(name: &str) -> String {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../key-stores/tests/stores");
        format!("{folder}/{name}")
    }

    /// A server with the certificate of this store, which opens with `keypass`.
    fn server(name: &str) -> TlsAcceptor {
        let stored = key_stores::read(store(name).as_ref(), "PEM", None, Some("keypass"));
        let own = stored.unwrap().identity.unwrap().with_public_half();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(own.chain, own.key);
        Arc::new(config.unwrap()).into()
    }

    /// Shakes hands, with a server of that certificate, as with this host.
    async fn shake_hands(own: &str, trusted: &str, algorithm: &str, host: &str) -> io::Result<()> {
        let trusted = store(trusted);
        let client: ClientSettings = [
            ("bootstrap.servers", "localhost:9092"),
            ("security.protocol", "SSL"),
            ("ssl.endpoint.identification.algorithm", algorithm),
            ("ssl.truststore.location", &trusted),
            ("ssl.truststore.type", "PEM"),
        ]
        .into_iter()
        .collect();
        let settings = settings::translate(&client, settings::ADMIN).unwrap();
        let encryption = Encryption::new(&settings).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await?;
        let (accepted, _) = listener.accept().await?;
        let server = server(own);
        tokio::join!(encryption.encrypt(stream, host), server.accept(accepted))
            .0
            .map(drop)
    }

    #[tokio::test]
    async fn a_broker_has_to_be_trusted_and_to_be_who_it_was_asked_for() {
        // One that vouches for itself: as a server, and as an authority.
        for own in ["server.pem", "authority.pem"] {
            let trusted = match own {
                "server.pem" => "trust.pem",
                other => other,
            };
            for (host, algorithm, is_good) in [
                ("localhost", "https", true),
                ("127.0.0.1", "https", true),
                ("elsewhere", "https", false),
                ("elsewhere", "", true),
            ] {
                let outcome = shake_hands(own, trusted, algorithm, host).await;
                assert_eq!(outcome.is_ok(), is_good, "{own} for {host}: {outcome:?}");
                assert!(outcome.err().is_none_or(|error| is_refusal(&error)));
            }
        }
        for (own, trusted) in [
            ("server.pem", "authority.pem"),
            ("authority.pem", "trust.pem"),
        ] {
            let error = shake_hands(own, trusted, "", "localhost")
                .await
                .unwrap_err();
            assert!(is_refusal(&error), "{error}");
        }
    }
}
