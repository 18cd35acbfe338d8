//! TLS of a member's connections.

use std::{fmt, fmt::Display, io, sync::Arc};

use key_stores::Identity;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
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
        let roots = roots(certificates.trusted)?;
        let chain_verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let chain_verifier = chain_verifier.build().map_err(untrusted)?;
        let check = "ssl.endpoint.identification.algorithm";
        let verifier: Arc<dyn ServerCertVerifier> = match settings.engine.get(check) {
            Some(algorithm) if algorithm == "none" => Arc::new(AnyName(chain_verifier)),
            Some(_) | None => chain_verifier,
        };
        let config = builder(provider)?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
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

fn builder(
    provider: Arc<CryptoProvider>,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>> {
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| KafkaError::config(format!("security.protocol: {error}")))
}

fn roots(trusted: Option<Vec<CertificateDer<'static>>>) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    if let Some(trusted) = trusted {
        for certificate in trusted {
            roots.add(certificate).map_err(untrusted)?;
        }
        return Ok(roots);
    }
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

/// Accepts a certificate that is vouched for, whoever it is for.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified =
            self.0
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            // Names are compared last, so everything else is as it should be.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
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
