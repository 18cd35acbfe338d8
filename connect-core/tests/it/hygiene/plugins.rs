//! The same for the rest of the macros: other plugins, connectors with a life of their own, tasks
//! that block, and the options of a configuration that are seldom used.

#![no_implicit_prelude]
#![deny(missing_docs, unused, unused_qualifications)]
#![expect(dead_code, reason = "names are only declared")]

use ::connect_core::{
    ConfigEnum, ConnectorConfig, SourceOffset, SourcePartition, client_config_policy,
    config_provider, header_converter, rest_extension, sink_connector, sink_task, source_connector,
    source_task,
};
use ::std::clone::Clone;
use ::std::cmp::{Eq, PartialEq};
use ::std::hash::Hash;

type Text = ::std::string::String;
type Maybe<T> = ::std::option::Option<T>;
type List<T> = ::std::vec::Vec<T>;
type Outcome<T> = ::connect_core::Result<T>;
type Converter = ::connect_core::config::Plugin<dyn ::connect_core::converter::ErasedConverter>;

struct Option;
struct Result;
struct Some;
struct None;
struct Ok;
struct Err;
struct String;
struct Vec;
struct Box;
struct Default;
struct Props;
struct Secret;
struct Duration;
struct Plugin;
trait From {}
trait Into {}
trait ToOwned {}
trait ToString {}
trait Send {}
trait Sized {}
mod core {}
mod std {}
mod connect_core {}

/// A configuration.
#[derive(Clone, ConnectorConfig)]
#[config(group(id = "some", label = "Some"))]
struct Config {
    /// A plugin with keys of its own.
    format: Maybe<Converter>,
    /// A number below a limit.
    #[config(group = "some", order = 3, label = "Most", width = long, default = 5, since = "0.1")]
    limit: i32,
    /// A time.
    #[config(key = "wait.ms", default = "5s", range = "1s"..="1m", internal)]
    wait: ::std::time::Duration,
    /// A size.
    #[config(
        default = ::connect_core::config::ByteSize::kib(1),
        range = ::connect_core::config::ByteSize::bytes(1)..,
    )]
    size: ::connect_core::config::ByteSize,
    /// A secret.
    #[config(deprecated_alias("pass", since = "0.2"), conflicts_with(key_file))]
    password: Maybe<::connect_core::config::Secret>,
    /// A file.
    #[config(visible_if(choice = Short), example = "key.pem")]
    key_file: Maybe<Text>,
    /// A way.
    #[config(default = "SHORT", depends_on(limit))]
    choice: Way,
    #[config(flatten)]
    kind: Kind,
    /// Keys of somebody else.
    #[config(rest(prefix = "driver."))]
    rest: ::connect_core::config::Props,
}

/// A way.
#[derive(Clone, PartialEq, ConfigEnum)]
#[config(any_case)]
enum Way {
    /// A short one.
    #[config(name = "SHORT")]
    Short,
    /// A long one.
    #[config(name = "LONG")]
    Long,
}

/// A kind.
#[derive(Clone, ConnectorConfig)]
#[config(tag = "kind", default = "plain")]
enum Kind {
    /// Nothing else.
    Plain,
    /// With text.
    Ok {
        /// Text.
        #[config(matches = "[a-z]+")]
        err: Text,
    },
}

#[derive(Clone, PartialEq, Eq, Hash, SourcePartition)]
struct Table {
    #[offset(key = "some")]
    name: Text,
    number: Maybe<i64>,
}

#[derive(Clone, SourceOffset)]
struct Row {
    id: i64,
    real: f64,
    done: bool,
}

/// A source that plans its tasks.
#[source_connector(name = "HygienicSource", task = Reader)]
struct Source;

impl ::connect_core::SourceConnector for Source {
    type Task = Reader;

    async fn start(_: Config, _: ::connect_core::ConnectorContext<Self>) -> Outcome<Self> {
        ::std::result::Result::Ok(Self)
    }

    async fn plan(&self, _: ::std::num::NonZeroUsize) -> Outcome<List<Config>> {
        ::std::result::Result::Ok(List::new())
    }
}

struct Reader;

#[source_task(blocking)]
impl ::connect_core::SourceTask for Reader {
    type Config = Config;
    type Partition = Table;
    type Offset = Row;

    fn start(_: Config, _: ::connect_core::SourceContext<Self>) -> Outcome<Self> {
        ::std::result::Result::Ok(Self)
    }

    fn poll(&mut self) -> Outcome<::connect_core::Batch<Self>> {
        ::std::result::Result::Ok(List::new())
    }

    fn settled(&mut self, _: &[::connect_core::source::Settled<Self>]) -> Outcome<()> {
        ::std::result::Result::Ok(())
    }

    fn stop(self) -> Outcome<()> {
        ::std::result::Result::Ok(())
    }
}

/// A sink that plans its tasks.
#[sink_connector(name = "HygienicSink", task = Writer)]
struct Sink;

impl ::connect_core::SinkConnector for Sink {
    type Task = Writer;

    async fn start(_: Config, _: ::connect_core::ConnectorContext<Self>) -> Outcome<Self> {
        ::std::result::Result::Ok(Self)
    }

    async fn plan(&self, _: ::std::num::NonZeroUsize) -> Outcome<List<Config>> {
        ::std::result::Result::Ok(List::new())
    }
}

struct Writer;

#[sink_task(blocking)]
impl ::connect_core::SinkTask for Writer {
    type Config = Config;

    fn start(_: Config, _: ::connect_core::SinkContext) -> Outcome<Self> {
        ::std::result::Result::Ok(Self)
    }

    fn put(&mut self, _: List<::connect_core::record::SinkRecord>) -> Outcome<()> {
        ::std::result::Result::Ok(())
    }
}

/// A converter of headers.
#[header_converter(name = "HygienicHeaderConverter")]
struct Headers;

impl ::connect_core::HeaderConverter for Headers {
    type Config = Config;

    fn new(_: Config) -> Outcome<Self> {
        ::std::result::Result::Ok(Self)
    }

    fn from_connect(
        &self,
        _: &str,
        _: &str,
        _: Maybe<&::connect_core::data::SchemaRef>,
        _: &::connect_core::data::Value,
        _: &mut List<u8>,
    ) -> Outcome<bool> {
        ::std::result::Result::Ok(false)
    }

    fn to_connect(
        &self,
        _: &str,
        _: &str,
        _: Maybe<&::connect_core::data::Blob>,
    ) -> Outcome<::connect_core::data::SchemaAndValue> {
        ::std::result::Result::Ok(::connect_core::data::SchemaAndValue::NULL)
    }
}

/// A provider.
#[config_provider(name = "HygienicConfigProvider")]
struct Provider;

impl ::connect_core::ConfigProvider for Provider {
    type Config = Config;

    fn new(_: Config) -> Outcome<Self> {
        ::std::result::Result::Ok(Self)
    }

    async fn get(
        &self,
        _: &str,
        _: &::std::collections::BTreeSet<Text>,
    ) -> Outcome<::connect_core::ConfigData> {
        let values = ::connect_core::config::Props::new();
        ::std::result::Result::Ok(::connect_core::ConfigData::new(values))
    }
}

/// A policy.
#[client_config_policy(name = "HygienicConnectorClientConfigOverridePolicy")]
struct Policy;

impl ::connect_core::ClientConfigPolicy for Policy {
    type Config = Config;

    fn new(_: Config) -> Outcome<Self> {
        ::std::result::Result::Ok(Self)
    }

    fn check(
        &self,
        _: &::connect_core::client_config::ClientOverrides<'_>,
        _: &mut ::connect_core::config::ConfigErrors,
    ) {
    }
}

/// An extension.
#[rest_extension(name = "HygienicRestExtension")]
struct Extension;

impl ::connect_core::RestExtension for Extension {
    type Config = Config;

    fn new(_: Config, _: ::connect_core::rest_extension::ClusterState) -> Outcome<Self> {
        ::std::result::Result::Ok(Self)
    }

    async fn handle(
        &self,
        _: &::connect_core::rest_extension::RestRequest,
    ) -> Outcome<Maybe<::connect_core::rest_extension::RestResponse>> {
        ::std::result::Result::Ok(Maybe::None)
    }
}
