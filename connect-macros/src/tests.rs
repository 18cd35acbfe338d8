//! What the macros write, for a reader who wants to see it.

use expect_test::{Expect, expect};
use proc_macro2::TokenStream;
use syn::parse_quote;

use crate::{offset, plugin, task};

mod configurations;
mod plugins;

#[track_caller]
fn check(expanded: TokenStream, expected: &Expect) {
    let file = syn::parse2(expanded).expect("the expansion is a list of items");

    expected.assert_eq(&prettyplease::unparse(&file));
}

#[test]
fn a_connector_is_an_entry_in_the_inventory() {
    let item = parse_quote! {
        /// Streams new rows of tables.
        struct TableSource;
    };
    let arguments = parse_quote!(alias = "Tables", split_by = tables);
    let expanded = plugin::attribute(plugin::Kind::Source, arguments, &item);

    check(
        expanded,
        &expect![[r#"
            /// Streams new rows of tables.
            struct TableSource;
            const _: () = {
                ::connect_core::__private::inventory::submit! {
                    ::connect_core::__private::source_plugin:: < TableSource >
                    (::connect_core::__private::PluginInfo { name : "TableSource", aliases : &
                    ["Tables"], version : ::core::env!("CARGO_PKG_VERSION"), documentation :
                    "Streams new rows of tables.", module : ::core::module_path!(), }, | read,
                    written, max_tasks | { ::connect_core::__private::plan_split:: < < TableSource as
                    ::connect_core::SourceTask > ::Config, _ > (read, written, max_tasks, | config |
                    & mut config.tables,) })
                }
            };
        "#]],
    );
}

#[test]
fn a_transform_is_a_plugin_for_each_target() {
    let item = parse_quote! {
        /// Renames a field.
        struct Rename;
    };
    let arguments = parse_quote!(name = "org.example.Rename", targets(key, value));
    let expanded = plugin::attribute(plugin::Kind::Transform, arguments, &item);

    check(
        expanded,
        &expect![[r#"
        /// Renames a field.
        struct Rename;
        const _: () = {
            const PLUGINS: [::connect_core::__private::PluginDescriptor; 2usize] = [
                ::connect_core::__private::data_transform_plugin::<
                    Rename,
                >(
                    ::connect_core::__private::PluginInfo {
                        name: "org.example.Rename$Key",
                        aliases: &[],
                        version: ::core::env!("CARGO_PKG_VERSION"),
                        documentation: "Renames a field.",
                        module: ::core::module_path!(),
                    },
                    ::connect_core::__private::Target::Key,
                ),
                ::connect_core::__private::data_transform_plugin::<
                    Rename,
                >(
                    ::connect_core::__private::PluginInfo {
                        name: "org.example.Rename$Value",
                        aliases: &[],
                        version: ::core::env!("CARGO_PKG_VERSION"),
                        documentation: "Renames a field.",
                        module: ::core::module_path!(),
                    },
                    ::connect_core::__private::Target::Value,
                ),
            ];
            ::connect_core::__private::inventory::submit! {
                PLUGINS[0usize]
            }
            ::connect_core::__private::inventory::submit! {
                PLUGINS[1usize]
            }
        };
    "#]],
    );
}

#[test]
fn a_task_without_offsets_gets_them() {
    let item = parse_quote! {
        impl SourceTask for TickSource {
            type Config = TickConfig;
        }
    };
    let expanded = task::attribute(task::Kind::Source, &TokenStream::new(), &item);

    check(
        expanded,
        &expect![[r#"
        impl SourceTask for TickSource {
            type Config = TickConfig;
            type Partition = ();
            type Offset = ();
        }
    "#]],
    );
}

#[test]
fn a_blocking_task_is_split_between_two_traits() {
    let item = parse_quote! {
        impl SinkTask for CountSink {
            type Config = NoConfig;
            fn stop(mut self) -> Result<()> {
                self.close()
            }
        }
    };
    let expanded = task::attribute(task::Kind::Sink, &quote::quote!(blocking), &item);

    check(
        expanded,
        &expect![[r#"
        impl SinkTask for CountSink {
            type Config = NoConfig;
            async fn stop(self) -> Result<()> {
                <Self as ::connect_core::sink::BlockingSinkTask>::stop(self)
            }
            fn start_erased(
                props: ::connect_core::config::Props,
                cx: ::connect_core::sink::SinkContext,
            ) -> ::connect_core::source::BoxFuture<
                'static,
                ::connect_core::Result<
                    ::std::boxed::Box<dyn ::connect_core::sink::ErasedSinkTask>,
                >,
            > {
                ::connect_core::sink::start_blocking::<Self>(props, cx)
            }
        }
        impl ::connect_core::sink::BlockingSinkTask for CountSink {
            fn stop(mut self) -> Result<()> {
                self.close()
            }
        }
    "#]],
    );
}

#[test]
fn an_offset_is_a_map() {
    let expanded = offset::derive(
        offset::Kind::Offset,
        &parse_quote! {
            struct RowOffset {
                id: i64,
            }
        },
    );

    check(
        expanded,
        &expect![[r#"
        const _: () = {
            const FIELD_0: ::connect_core::__private::StoredField<i64> = ::connect_core::__private::stored_field::<
                i64,
            >("id");
            #[automatically_derived]
            impl ::connect_core::offset::SourceOffset for RowOffset {
                fn to_stored(&self) -> ::connect_core::offset::OffsetMap {
                    let mut stored = ::connect_core::offset::OffsetMap::new();
                    FIELD_0.write(&self.id, &mut stored);
                    stored
                }
                fn from_stored(
                    stored: &::connect_core::offset::OffsetMap,
                ) -> ::core::result::Result<Self, ::connect_core::offset::OffsetError> {
                    ::core::result::Result::Ok(Self { id: FIELD_0.read(stored)? })
                }
            }
        };
    "#]],
    );
}

#[test]
fn a_partition_is_a_map_as_well() {
    let expanded = offset::derive(
        offset::Kind::Partition,
        &parse_quote! {
            struct Table {
                name: String,
            }
        },
    );

    check(
        expanded,
        &expect![[r#"
        const _: () = {
            const FIELD_0: ::connect_core::__private::StoredField<String> = ::connect_core::__private::stored_field::<
                String,
            >("name");
            #[automatically_derived]
            impl ::connect_core::offset::SourcePartition for Table {
                fn to_stored(&self) -> ::connect_core::offset::OffsetMap {
                    let mut stored = ::connect_core::offset::OffsetMap::new();
                    FIELD_0.write(&self.name, &mut stored);
                    stored
                }
                fn from_stored(
                    stored: &::connect_core::offset::OffsetMap,
                ) -> ::core::result::Result<Self, ::connect_core::offset::OffsetError> {
                    ::core::result::Result::Ok(Self {
                        name: FIELD_0.read(stored)?,
                    })
                }
            }
        };
    "#]],
    );
}

#[test]
fn a_task_that_hears_of_its_records_says_so() {
    let item = parse_quote! {
        impl SourceTask for TableSource {
            type Config = TableConfig;
            type Partition = Table;
            type Offset = Row;
            async fn settled(&mut self, records: &[Settled<Self>]) -> Result<()> {
                self.forget(records)
            }
        }
    };
    let expanded = task::attribute(task::Kind::Source, &TokenStream::new(), &item);

    check(
        expanded,
        &expect![[r#"
        impl SourceTask for TableSource {
            type Config = TableConfig;
            type Partition = Table;
            type Offset = Row;
            async fn settled(&mut self, records: &[Settled<Self>]) -> Result<()> {
                self.forget(records)
            }
            const WANTS_SETTLED: bool = true;
        }
    "#]],
    );
}
