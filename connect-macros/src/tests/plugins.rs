//! The attributes of plugins that are not connectors, and what connectors with a life of their own
//! add.

use expect_test::expect;
use syn::parse_quote;

use super::check;
use crate::plugin::{self, Kind};

/// The struct of all these plugins.
#[track_caller]
fn check_kind(kind: Kind, expected: &expect_test::Expect) {
    let item = parse_quote! {
        /// Does something.
        struct Thing;
    };
    let expanded = plugin::attribute(kind, parse_quote!(version = "1.2.0"), &item);

    check(expanded, expected);
}

#[test]
fn a_sink_with_a_plan_names_its_task() {
    let item = parse_quote! {
        /// Writes tables, also those created later.
        struct DatabaseSink;
    };
    let expanded = plugin::attribute(Kind::Sink, parse_quote!(task = TableSink), &item);

    check(
        expanded,
        &expect![[r#"
        /// Writes tables, also those created later.
        struct DatabaseSink;
        const _: () = {
            ::connect_core::__private::inventory::submit! {
                ::connect_core::__private::sink_connector_plugin:: < DatabaseSink, TableSink >
                (::connect_core::__private::PluginInfo { name : "DatabaseSink", aliases : & [],
                version : ::core::env!("CARGO_PKG_VERSION"), documentation :
                "Writes tables, also those created later.", module : ::core::module_path!(), })
            }
        };
    "#]],
    );
}

#[test]
fn a_converter_is_an_entry() {
    check_kind(
        Kind::Converter,
        &expect![[r#"
        /// Does something.
        struct Thing;
        const _: () = {
            ::connect_core::__private::inventory::submit! {
                ::connect_core::__private::converter_plugin:: < Thing >
                (::connect_core::__private::PluginInfo { name : "Thing", aliases : & [], version
                : "1.2.0", documentation : "Does something.", module : ::core::module_path!(), })
            }
        };
    "#]],
    );
}

#[test]
fn a_header_converter_is_an_entry() {
    check_kind(
        Kind::HeaderConverter,
        &expect![[r#"
        /// Does something.
        struct Thing;
        const _: () = {
            ::connect_core::__private::inventory::submit! {
                ::connect_core::__private::header_converter_plugin:: < Thing >
                (::connect_core::__private::PluginInfo { name : "Thing", aliases : & [], version
                : "1.2.0", documentation : "Does something.", module : ::core::module_path!(), })
            }
        };
    "#]],
    );
}

#[test]
fn a_transform_of_records_is_an_entry() {
    check_kind(
        Kind::Transform,
        &expect![[r#"
        /// Does something.
        struct Thing;
        const _: () = {
            ::connect_core::__private::inventory::submit! {
                ::connect_core::__private::transform_plugin:: < Thing >
                (::connect_core::__private::PluginInfo { name : "Thing", aliases : & [], version
                : "1.2.0", documentation : "Does something.", module : ::core::module_path!(), })
            }
        };
    "#]],
    );
}

#[test]
fn a_predicate_is_an_entry() {
    check_kind(
        Kind::Predicate,
        &expect![[r#"
        /// Does something.
        struct Thing;
        const _: () = {
            ::connect_core::__private::inventory::submit! {
                ::connect_core::__private::predicate_plugin:: < Thing >
                (::connect_core::__private::PluginInfo { name : "Thing", aliases : & [], version
                : "1.2.0", documentation : "Does something.", module : ::core::module_path!(), })
            }
        };
    "#]],
    );
}

#[test]
fn a_configuration_provider_is_an_entry() {
    check_kind(
        Kind::ConfigProvider,
        &expect![[r#"
        /// Does something.
        struct Thing;
        const _: () = {
            ::connect_core::__private::inventory::submit! {
                ::connect_core::__private::config_provider_plugin:: < Thing >
                (::connect_core::__private::PluginInfo { name : "Thing", aliases : & [], version
                : "1.2.0", documentation : "Does something.", module : ::core::module_path!(), })
            }
        };
    "#]],
    );
}

#[test]
fn a_policy_is_an_entry() {
    check_kind(
        Kind::ClientConfigPolicy,
        &expect![[r#"
        /// Does something.
        struct Thing;
        const _: () = {
            ::connect_core::__private::inventory::submit! {
                ::connect_core::__private::client_config_policy_plugin:: < Thing >
                (::connect_core::__private::PluginInfo { name : "Thing", aliases : & [], version
                : "1.2.0", documentation : "Does something.", module : ::core::module_path!(), })
            }
        };
    "#]],
    );
}

#[test]
fn a_rest_extension_is_an_entry() {
    check_kind(
        Kind::RestExtension,
        &expect![[r#"
        /// Does something.
        struct Thing;
        const _: () = {
            ::connect_core::__private::inventory::submit! {
                ::connect_core::__private::rest_extension_plugin:: < Thing >
                (::connect_core::__private::PluginInfo { name : "Thing", aliases : & [], version
                : "1.2.0", documentation : "Does something.", module : ::core::module_path!(), })
            }
        };
    "#]],
    );
}
