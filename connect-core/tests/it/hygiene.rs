//! Nothing that the macros write depends on names at the place of their use.

#![no_implicit_prelude]
#![deny(missing_docs, unused, unused_qualifications)]
#![expect(dead_code, reason = "names are only declared")]
#![expect(clippy::unused_async, reason = "recommenders and probes are async")]

mod plugins;

use ::connect_core::{
    ConfigEnum, ConnectorConfig, SourceOffset, SourcePartition, converter, predicate,
    sink_connector, sink_task, source_connector, source_task, transform,
};
use ::std::clone::Clone;
use ::std::cmp::{Eq, PartialEq};
use ::std::hash::Hash;

type Text = ::std::string::String;
type List<T> = ::std::vec::Vec<T>;
type Outcome<T> = ::connect_core::Result<T>;

struct Option;
struct Result;
struct Some;
struct None;
struct Ok;
struct String;
struct Vec;
struct Props;
struct ConfigBlock;
mod core {}
mod config {}

/// A configuration.
#[derive(Clone, ConnectorConfig)]
#[config(check = Config::check, probe = probe)]
struct Config {
    /// Tables.
    #[config(non_empty, length = 1..=9, matches = "[a-z]*", one_of("a", "b"), default = "a,b")]
    tables: List<Text>,
    /// A number whose name could be that of a variable.
    #[config(default = 5, range = 1..=9, alias("number"))]
    reader: u16,
    /// Text that a function checks.
    #[config(validate = check_text)]
    errors: ::std::option::Option<Text>,
    /// A choice.
    #[config(default = "on", importance = high, width = short, recommend = switches)]
    props: Switch,
    #[config(flatten)]
    value: Nested,
    #[config(nested)]
    variant: Tagged,
}

/// Keys of a choice.
#[derive(Clone, ConnectorConfig)]
#[config(tag = "props", default = "none", check = Tagged::check)]
enum Tagged {
    /// No keys.
    None,
    /// Some keys.
    Some {
        /// Text.
        #[config(required_if(definer = true))]
        reader: ::std::option::Option<Text>,
        /// A switch.
        #[config(default = true)]
        definer: bool,
        #[config(flatten)]
        value: Nested,
    },
}

impl Tagged {
    fn check(&self, _: &mut ::connect_core::config::ConfigErrors) {}
}

/// More keys.
#[derive(Clone, ConnectorConfig)]
struct Nested {
    /// A number.
    #[config(key = "self", default = 5)]
    name: i64,
}

/// A switch.
#[derive(Clone, ConfigEnum)]
enum Switch {
    /// It is on.
    On,
    /// It is off.
    Off,
}

async fn switches(
    _: ::connect_core::config::Draft<Config>,
) -> ::connect_core::Result<List<Switch>> {
    ::std::result::Result::Ok(List::new())
}

async fn probe(_: &Config) -> ::connect_core::Result<()> {
    ::std::result::Result::Ok(())
}

impl Config {
    fn check(&self, _: &mut ::connect_core::config::ConfigErrors) {}
}

fn check_text(_: &str) -> ::std::result::Result<(), Text> {
    ::std::result::Result::Ok(())
}

#[derive(Clone, PartialEq, Eq, Hash, SourcePartition)]
struct Table {
    stored: Text,
}

#[derive(Clone, SourceOffset)]
struct Row {
    id: i64,
}

/// A source.
#[source_connector(split_by = tables)]
struct Source;

#[source_task]
impl ::connect_core::SourceTask for Source {
    type Config = Config;
    type Partition = Table;
    type Offset = Row;

    async fn start(_: Config, _: ::connect_core::SourceContext<Self>) -> Outcome<Self> {
        ::std::result::Result::Ok(Self)
    }

    async fn poll(&mut self) -> Outcome<::connect_core::Batch<Self>> {
        ::std::result::Result::Ok(List::new())
    }
}

/// A sink.
#[sink_connector]
struct Sink;

#[sink_task]
impl ::connect_core::SinkTask for Sink {
    type Config = Config;

    async fn start(_: Config, _: ::connect_core::SinkContext) -> Outcome<Self> {
        ::std::result::Result::Ok(Self)
    }

    async fn put(&mut self, _: List<::connect_core::record::SinkRecord>) -> Outcome<()> {
        ::std::result::Result::Ok(())
    }
}

/// A converter.
#[converter]
struct Nothing;

impl ::connect_core::Converter for Nothing {
    type Config = Config;

    fn new(_: Config, _: ::connect_core::Role) -> Outcome<Self> {
        ::std::result::Result::Ok(Self)
    }

    fn from_connect(
        &self,
        _: &str,
        _: ::std::option::Option<&::connect_core::data::SchemaRef>,
        _: &::connect_core::data::Value,
        _: &mut List<u8>,
    ) -> Outcome<bool> {
        ::std::result::Result::Ok(false)
    }

    fn to_connect(
        &self,
        _: &str,
        _: ::std::option::Option<&::connect_core::data::Blob>,
    ) -> Outcome<::connect_core::data::SchemaAndValue> {
        ::std::result::Result::Ok(::connect_core::data::SchemaAndValue::NULL)
    }
}

/// A transform.
#[transform(targets(key, value))]
struct Unchanged;

impl ::connect_core::DataTransform for Unchanged {
    type Config = Config;

    fn new(_: Config) -> Outcome<Self> {
        ::std::result::Result::Ok(Self)
    }

    fn apply(
        &mut self,
        data: ::connect_core::data::SchemaAndValue,
        _: &::connect_core::record::Record,
    ) -> Outcome<::connect_core::data::SchemaAndValue> {
        ::std::result::Result::Ok(data)
    }
}

/// A transform of whole records.
#[transform]
struct UnchangedRecord;

impl ::connect_core::Transform for UnchangedRecord {
    type Config = Config;

    fn new(_: Config) -> Outcome<Self> {
        ::std::result::Result::Ok(Self)
    }

    fn apply(
        &mut self,
        record: ::connect_core::record::Record,
    ) -> Outcome<::std::option::Option<::connect_core::record::Record>> {
        ::std::result::Result::Ok(::std::option::Option::Some(record))
    }
}

/// A predicate.
#[predicate]
struct Always;

impl ::connect_core::Predicate for Always {
    type Config = Config;

    fn new(_: Config) -> Outcome<Self> {
        ::std::result::Result::Ok(Self)
    }

    fn test(&mut self, _: &::connect_core::record::Record) -> Outcome<bool> {
        ::std::result::Result::Ok(true)
    }
}
