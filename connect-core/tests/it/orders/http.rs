//! The sink: records are posted one by one, and what the server refuses is reported.

use connect_core::prelude::*;
use connect_core::testing::{self, SinkHarness};

/// Posts records to an HTTP endpoint.
#[derive(Clone, Debug, ConnectorConfig)]
struct HttpSinkConfig {
    /// Address that receives one POST per record.
    #[config(importance = high, validate = http_url, example = "https://example.org/in")]
    url: String,
    /// Bearer token, if the endpoint wants one.
    token: Option<Secret>,
    /// Longest wait for an answer.
    #[config(key = "timeout.ms", default = "10s", range = "1ms"..="5m")]
    timeout: Duration,
}

fn http_url(url: &str) -> Result<(), String> {
    match url.starts_with("http://") || url.starts_with("https://") {
        true => Ok(()),
        false => Err(format!("`{url}` is not an http or https address")),
    }
}

/// Posts each record to an HTTP endpoint.
#[sink_connector(name = "HttpSink")]
#[derive(Debug)]
struct HttpSink {
    config: HttpSinkConfig,
    cx: SinkContext,
}

#[sink_task]
impl SinkTask for HttpSink {
    type Config = HttpSinkConfig;

    async fn start(config: HttpSinkConfig, cx: SinkContext) -> Result<Self> {
        Ok(Self { config, cx })
    }

    async fn put(&mut self, records: Vec<SinkRecord>) -> Result<()> {
        for record in &records {
            match self.post(record).await {
                Ok(503) => {
                    return Err(
                        ConnectError::retriable("server is busy").after(Duration::from_secs(1))
                    );
                }
                Ok(code) if code >= 400 => {
                    let error = ConnectError::data(format!("status {code}"));
                    self.cx.report(record, error).await?;
                }
                Ok(_) => (),
                Err(error) => return Err(ConnectError::retriable(error)),
            }
        }
        Ok(())
    }
}

impl HttpSink {
    /// A server that answers with what the record asks for.
    async fn post(&self, record: &SinkRecord) -> Result<u16, String> {
        let answer = async { record.value.to_string().parse().map_err(|_| "no answer") };
        let answer = connect_core::time::timeout(self.config.timeout, answer).await;
        let answer = answer.unwrap_or(Err("no answer in time"));
        answer.map_err(|it| format!("{}: {it}", self.config.url))
    }
}

fn record(text: &str) -> Record {
    let mut record = Record::new("orders");
    record.value = text.into();
    record
}

#[test]
fn what_the_server_refuses_is_reported_and_what_it_cannot_take_comes_again() {
    testing::run(async {
        let config = Props::from_iter([("url", "http://orders.example.org")]);
        let mut sink = SinkHarness::<HttpSink>::new(config).taking_reports();
        sink.start().await.unwrap();
        for answer in ["200", "404", "503"] {
            sink.produce(record(answer));
        }

        let busy = sink.deliver().await.unwrap_err();

        assert_eq!(busy.retry_after(), Some(Duration::from_secs(1)));
        let (refused, why) = &sink.reported()[0];
        assert_eq!(
            (refused.value.to_string(), why.as_str()),
            ("404".into(), "status 404")
        );
        assert_eq!(sink.committed("orders", 0), 0);
    });
}

#[test]
fn an_address_is_checked_before_it_is_used() {
    let errors = HttpSinkConfig::parse(&Props::from_iter([("url", "orders.example.org")]));

    assert_eq!(
        errors.unwrap_err().to_string(),
        "url: Invalid value orders.example.org for configuration url: `orders.example.org` is not \
         an http or https address"
    );
}
