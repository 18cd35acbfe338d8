//! Extensions of the API.

use connect_core::prelude::*;

use super::*;
use crate::rest::extensions::Extensions;

/// Refuses whoever does not say who he is, and tells of connectors.
#[rest_extension(name = "org.example.GateExtension")]
struct Gate {
    cluster: ClusterState,
}

impl RestExtension for Gate {
    type Config = NoConfig;

    fn new(_: NoConfig, cluster: ClusterState) -> Result<Self> {
        Ok(Self { cluster })
    }

    async fn handle(&self, request: &RestRequest) -> Result<Option<RestResponse>> {
        match (request.path.as_str(), request.header("Authorization")) {
            ("/gate", _) => {
                let health = self.cluster.health("src").await?;
                let state = health.map_or("gone".to_owned(), |it| it.connector.state);
                Ok(Some(RestResponse::text(200, state)))
            }
            ("/broken", _) => Err(ConnectError::fatal("no idea")),
            _ if !request.is_known => Ok(None),
            (_, None) => Ok(Some(RestResponse::text(401, "who are you?"))),
            (_, Some(_)) => Ok(None),
        }
    }
}

fn rest() -> Rest {
    let settings = [("rest.extension.classes", "org.example.GateExtension")];
    let mut rest = Rest::with(&settings);
    let plugins = PluginRegistry::linked().unwrap();
    let herder = rest.admission.herder();
    rest.decoration.extensions = Extensions::new(&worker(&settings), plugins, herder).unwrap();
    rest
}

#[tokio::test]
async fn an_extension_answers_first() {
    let rest = rest();

    let own = rest.send(request("GET", "/gate")).await;
    assert_eq!((own.status, own.text.as_str()), (200, "RUNNING"));
    let refused = rest.send(request("GET", "/connectors")).await;
    assert_eq!(
        (refused.status, refused.text.as_str()),
        (401, "who are you?")
    );
    assert_eq!(rest.send(request("GET", "/broken")).await.status, 500);
}

#[tokio::test]
async fn requests_that_are_refused_anyway_are_not_asked_about() {
    let rest = rest();
    let status = async |line: &str, headers: &[(&'static str, &str)]| {
        let (method, path) = line.split_once(' ').unwrap();
        let mut request = request(method, path);
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        rest.send(request).await.status
    };

    assert_eq!(status("GET /nope", &[]).await, 404);
    assert_eq!(status("DELETE /connectors", &[]).await, 405);
    let plain = [("accept", "text/plain")];
    assert_eq!(status("GET /connectors", &plain).await, 406);
    let plain = [("content-type", "text/plain")];
    assert_eq!(status("PUT /connectors/a/pause", &plain).await, 415);
    assert_eq!(status("OPTIONS /connectors", &[]).await, 401);
    assert_eq!(status("GET /ext/v1/openapi.json", &[]).await, 401);
}

#[tokio::test]
async fn what_an_extension_leaves_is_the_workers() {
    let mut request = request("GET", "/connectors");
    let headers = request.headers_mut();
    headers.insert("authorization", "me".parse().unwrap());

    let answer = rest().send(request).await;

    assert_eq!((answer.status, answer.text.as_str()), (200, r#"["src"]"#));
}

#[tokio::test]
async fn an_extension_that_is_not_there_is_refused() {
    let rest = Rest::start();
    let config = worker(&[("rest.extension.classes", "a.B")]);

    let error = Extensions::new(&config, rest.admission.plugins(), rest.admission.herder());

    assert_eq!(
        error.unwrap_err().to_string(),
        "rest.extension.classes: Failed to find any class that implements \
         org.apache.kafka.connect.rest.ConnectRestExtension and which name matches a.B"
    );
}
