//! What the macros write, for a reader who wants to see it.

use expect_test::{Expect, expect};
use proc_macro2::TokenStream;
use syn::parse_quote;

use crate::{config, config_enum, offset, plugin, task};

#[track_caller]
fn check(expanded: TokenStream, expected: &Expect) {
    let file = syn::parse2(expanded).expect("the expansion is a list of items");

    expected.assert_eq(&prettyplease::unparse(&file));
}

#[test]
fn a_configuration_is_a_constant_for_each_field_and_two_implementations() {
    let expanded = config::derive(&parse_quote! {
        /// Emits a counter.
        #[config(check = TickConfig::check)]
        struct TickConfig {
            /// Topic to write to.
            #[config(importance = high, non_empty)]
            topic: String,
            /// Time between two ticks.
            #[config(key = "interval.ms", default = "1s", range = "1ms"..="1h")]
            interval: Duration,
            #[config(flatten)]
            retry: RetryConfig,
        }
    });

    check(expanded, &expect![""]);
}

#[test]
fn a_choice_is_a_name() {
    let expanded = config_enum::derive(&parse_quote! {
        /// Which rows a poll picks up.
        enum Mode {
            /// Every row.
            Bulk,
        }
    });

    check(expanded, &expect![""]);
}

#[test]
fn a_connector_is_an_entry_in_the_inventory() {
    let item = parse_quote! {
        /// Streams new rows of tables.
        struct TableSource;
    };
    let arguments = parse_quote!(alias = "Tables", split_by = tables);
    let expanded = plugin::attribute(plugin::Kind::Source, arguments, &item);

    check(expanded, &expect![""]);
}

#[test]
fn a_task_without_offsets_gets_them() {
    let item = parse_quote! {
        impl SourceTask for TickSource {
            type Config = TickConfig;
        }
    };
    let expanded = task::attribute(task::Kind::Source, &TokenStream::new(), &item);

    check(expanded, &expect![""]);
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

    check(expanded, &expect![""]);
}
