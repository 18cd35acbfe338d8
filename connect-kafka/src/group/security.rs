//! What lies between a connection and the first request of a member: encryption and a login, if settings ask for them.

use std::io;

use tokio::net::TcpStream;

use super::{connection::Stream, login::Login};
use crate::error::Result;
use crate::settings::{Translated, Untranslated};

/// How connections are made safe.
#[derive(Debug)]
pub(super) struct Security {
    #[cfg(feature = "tls")]
    encryption: Option<super::encryption::Encryption>,
    pub(super) login: Option<Login>,
}

impl Security {
    /// Reads what settings say, and the stores that they name. What has no effect here is added to what is reported.
    pub(super) fn new(settings: &mut Translated) -> Result<Self> {
        if settings.engine.remove("ssl.cipher.suites").is_some() {
            settings.untranslated.push(Untranslated {
                key: "ssl.cipher.suites".to_owned(),
                value: String::new(),
                reason: "connections of group members choose among all safe suites".to_owned(),
                is_client_setting: true,
            });
        }
        Ok(Self {
            #[cfg(feature = "tls")]
            encryption: match is_encrypted(settings) {
                true => Some(super::encryption::Encryption::new(settings)?),
                false => None,
            },
            login: Login::new(settings)?,
        })
    }

    /// Encrypts a connection to a host if it has to be.
    #[cfg_attr(
        not(feature = "tls"),
        expect(
            clippy::unused_async,
            unused_variables,
            reason = "nothing is encrypted in this build"
        )
    )]
    pub(super) async fn protect(
        &self,
        stream: TcpStream,
        host: &str,
    ) -> io::Result<Box<dyn Stream>> {
        #[cfg(feature = "tls")]
        if let Some(encryption) = &self.encryption {
            return Ok(Box::new(encryption.encrypt(stream, host).await?));
        }
        Ok(Box::new(stream))
    }
}

#[cfg(feature = "tls")]
fn is_encrypted(settings: &Translated) -> bool {
    let protocol = settings.engine.get("security.protocol");
    protocol.is_some_and(|it| it.ends_with("ssl"))
}

/// Whether a connection ended because one side does not accept the other: trying again helps nobody.
#[cfg(feature = "tls")]
pub(super) fn is_refusal(error: &io::Error) -> bool {
    super::encryption::is_refusal(error)
}

#[cfg(not(feature = "tls"))]
pub(super) fn is_refusal(_error: &io::Error) -> bool {
    false
}
