//! The macros of the connector SDK. Use them through `connect_core`, which re-exports them.

use proc_macro::TokenStream;
use syn::parse_macro_input;

mod attribute;
mod config;
mod config_enum;
mod diag;
mod docs;
mod item;
mod literal;
mod offset;
mod paths;
mod plugin;
mod task;

/// Turns a struct into a validated connector configuration.
#[proc_macro_derive(ConnectorConfig, attributes(config))]
pub fn derive_connector_config(input: TokenStream) -> TokenStream {
    config::derive(&parse_macro_input!(input)).into()
}

/// Turns an enum without data into a list of names to choose from.
#[proc_macro_derive(ConfigEnum, attributes(config))]
pub fn derive_config_enum(input: TokenStream) -> TokenStream {
    config_enum::derive(&parse_macro_input!(input)).into()
}

/// Makes a struct what a source reads from.
#[proc_macro_derive(SourcePartition, attributes(offset))]
pub fn derive_source_partition(input: TokenStream) -> TokenStream {
    offset::derive(offset::Kind::Partition, &parse_macro_input!(input)).into()
}

/// Makes a struct the place where a source is.
#[proc_macro_derive(SourceOffset, attributes(offset))]
pub fn derive_source_offset(input: TokenStream) -> TokenStream {
    offset::derive(offset::Kind::Offset, &parse_macro_input!(input)).into()
}

/// Registers a struct as a source connector.
#[proc_macro_attribute]
pub fn source_connector(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item);
    plugin::attribute(plugin::Kind::Source, arguments.into(), &item).into()
}

/// Registers a struct as a sink connector.
#[proc_macro_attribute]
pub fn sink_connector(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item);
    plugin::attribute(plugin::Kind::Sink, arguments.into(), &item).into()
}

/// Registers a struct as a converter.
#[proc_macro_attribute]
pub fn converter(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item);
    plugin::attribute(plugin::Kind::Converter, arguments.into(), &item).into()
}

/// Completes the implementation of a source task.
#[proc_macro_attribute]
pub fn source_task(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item);
    task::attribute(task::Kind::Source, &arguments.into(), &item).into()
}

/// Completes the implementation of a sink task.
#[proc_macro_attribute]
pub fn sink_task(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item);
    task::attribute(task::Kind::Sink, &arguments.into(), &item).into()
}
