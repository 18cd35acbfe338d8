//! What becomes of configurations.

use expect_test::expect;
use syn::parse_quote;

use super::check;
use crate::{config, config_enum};

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

    check(
        expanded,
        &expect![[r#"
            const _: () = {
                const FIELD_TOPIC: ::connect_core::__private::Field<String> = ::connect_core::__private::field::<
                    String,
                >(::connect_core::__private::KeySpec {
                        importance: ::connect_core::config::Importance::High,
                        ..::connect_core::__private::KeySpec::new("topic", "Topic to write to.")
                    })
                    .rules(|rules| rules.non_empty());
                const FIELD_INTERVAL: ::connect_core::__private::Field<Duration> = ::connect_core::__private::field::<
                    Duration,
                >(::connect_core::__private::KeySpec {
                        unit: ::connect_core::config::Unit::Millis,
                        ..::connect_core::__private::KeySpec::new(
                            "interval.ms",
                            "Time between two ticks.",
                        )
                    })
                    .default_text("1s")
                    .rules(|rules| {
                        rules
                            .range(
                                ::core::option::Option::Some(
                                    ::connect_core::__private::bound(
                                        "1ms",
                                        ::connect_core::config::Unit::Millis,
                                    ),
                                ),
                                ::core::option::Option::Some(
                                    ::connect_core::__private::bound(
                                        "1h",
                                        ::connect_core::config::Unit::Millis,
                                    ),
                                ),
                            )
                    });
                const FIELD_RETRY: ::connect_core::__private::Flattened<RetryConfig> = ::connect_core::__private::flattened::<
                    RetryConfig,
                >();
                #[automatically_derived]
                impl ::connect_core::config::ConfigBlock for TickConfig {
                    const KEYS: ::connect_core::__private::KeyNames = ::connect_core::__private::KeyNames {
                        own: &["topic", "interval.ms"],
                        flattened: &[FIELD_RETRY.keys()],
                        below: &[],
                    };
                    type Draft = ();
                    fn define(definer: &mut ::connect_core::__private::Definer) {
                        FIELD_TOPIC.define(definer);
                        FIELD_INTERVAL.define(definer);
                        FIELD_RETRY.define(definer);
                    }
                    fn read(
                        reader: &mut ::connect_core::__private::Reader<'_>,
                    ) -> ::core::option::Option<Self> {
                        let value_topic = FIELD_TOPIC.read(reader);
                        let value_interval = FIELD_INTERVAL.read(reader);
                        let value_retry = FIELD_RETRY.read(reader);
                        reader
                            .check(
                                Self {
                                    topic: value_topic?,
                                    interval: value_interval?,
                                    retry: value_retry?,
                                },
                                TickConfig::check,
                            )
                    }
                    fn write(&self, props: &mut ::connect_core::config::Props) {
                        FIELD_TOPIC.write(&self.topic, props);
                        FIELD_INTERVAL.write(&self.interval, props);
                        FIELD_RETRY.write(&self.retry, props);
                    }
                    fn recommend(
                        recommendations: &mut ::connect_core::__private::Recommendations<'_>,
                    ) {
                        FIELD_RETRY.recommend(recommendations);
                    }
                    fn probe(
                        &self,
                    ) -> ::connect_core::__private::BoxFuture<'_, ::connect_core::Result<()>> {
                        FIELD_RETRY.probe(&self.retry)
                    }
                }
                const _: () = ::core::assert!(
                    ! FIELD_RETRY.keys().has("topic"),
                    "configuration key `topic` is declared here and again in the flattened `RetryConfig`"
                );
                const _: () = ::core::assert!(
                    ! FIELD_RETRY.keys().has("interval.ms"),
                    "configuration key `interval.ms` is declared here and again in the flattened `RetryConfig`"
                );
                #[automatically_derived]
                impl ::connect_core::config::ConnectorConfig for TickConfig {
                    fn definition() -> &'static ::connect_core::config::ConfigDef {
                        static DEFINITION: ::std::sync::LazyLock<
                            ::connect_core::config::ConfigDef,
                        > = ::std::sync::LazyLock::new(|| {
                            ::connect_core::__private::definition_of::<
                                TickConfig,
                            >("Emits a counter.")
                        });
                        &DEFINITION
                    }
                }
                #[automatically_derived]
                /**# Configuration keys

            | key | type | default | |
            | --- | --- | --- | --- |
            | `topic` | `String` | required | Topic to write to. |
            | `interval.ms` | `Duration` | `1s` | Time between two ticks. |
            |  | `RetryConfig` |  | The keys of `RetryConfig`. |
            */
                impl TickConfig {}
            };
        "#]],
    );
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

    check(
        expanded,
        &expect![[r##"
        #[automatically_derived]
        impl ::connect_core::config::ConfigEnum for Mode {
            const CHOICES: &'static [::connect_core::config::Choice] = &[
                ::connect_core::config::Choice {
                    name: "bulk",
                    documentation: "Every row.",
                },
            ];
            const ANY_CASE: bool = false;
            fn from_name(name: &str) -> ::core::option::Option<Self> {
                match name {
                    "bulk" => ::core::option::Option::Some(Self::Bulk),
                    _ => ::core::option::Option::None,
                }
            }
            fn name(&self) -> &'static str {
                match self {
                    Self::Bulk => "bulk",
                }
            }
        }
        #[automatically_derived]
        impl ::connect_core::config::ConfigValue for Mode {
            const CHOICES: &'static [::connect_core::config::Choice] = <Self as ::connect_core::config::ConfigEnum>::CHOICES;
            fn valid_values() -> ::core::option::Option<::std::string::String> {
                ::core::option::Option::Some(
                    ::connect_core::__private::describe_choices::<Self>(),
                )
            }
            fn kind(_: ::connect_core::config::Unit) -> ::connect_core::config::ConfigType {
                ::connect_core::config::ConfigType::String
            }
            fn parse_text(
                text: &str,
                _: ::connect_core::config::Unit,
            ) -> ::core::result::Result<Self, ::connect_core::config::ValueError> {
                ::connect_core::__private::parse_choice(text)
            }
            fn to_text(
                &self,
                _: ::connect_core::config::Unit,
            ) -> ::core::option::Option<::std::string::String> {
                let name = ::connect_core::config::ConfigEnum::name(self);
                ::core::option::Option::Some(::std::borrow::ToOwned::to_owned(name))
            }
        }
        #[automatically_derived]
        impl ::connect_core::config::ListElement for Mode {}
    "##]],
    );
}

#[test]
fn an_enum_chooses_by_its_tag() {
    let expanded = config::derive(&parse_quote! {
        /// How to log in.
        #[config(tag = "type", default = "trust")]
        enum Auth {
            /// No authentication.
            Trust,
            /// A user name.
            Password {
                /// Name of the user.
                user: String,
            },
        }
    });

    check(
        expanded,
        &expect![[r#"
            const _: () = {
                const FIELD_PASSWORD_USER: ::connect_core::__private::Field<String> = ::connect_core::__private::field::<
                    String,
                >(::connect_core::__private::KeySpec::new("user", "Name of the user."));
                const VARIANTS: ::connect_core::__private::Variants<Auth> = ::connect_core::__private::Variants {
                    tag: "type",
                    documentation: "How to log in.",
                    choices: &[
                        ::connect_core::config::Choice {
                            name: "trust",
                            documentation: "No authentication.",
                        },
                        ::connect_core::config::Choice {
                            name: "password",
                            documentation: "A user name.",
                        },
                    ],
                    default: ::core::option::Option::Some("trust"),
                    variants: &[
                        ::connect_core::__private::Variant {
                            define: |_| {},
                            read: |_| ::core::option::Option::Some(Auth::Trust {}),
                            recommend: |_| {},
                        },
                        ::connect_core::__private::Variant {
                            define: |definer: &mut ::connect_core::__private::Definer| {
                                FIELD_PASSWORD_USER.define(definer);
                            },
                            read: |reader: &mut ::connect_core::__private::Reader<'_>| {
                                let value_user = FIELD_PASSWORD_USER.read(reader);
                                ::core::option::Option::Some(Auth::Password {
                                    user: value_user?,
                                })
                            },
                            recommend: |_| {},
                        },
                    ],
                };
                #[automatically_derived]
                impl ::connect_core::config::ConfigBlock for Auth {
                    const KEYS: ::connect_core::__private::KeyNames = ::connect_core::__private::KeyNames {
                        own: &["type"],
                        flattened: &[
                            ::connect_core::__private::KeyNames {
                                own: &[],
                                flattened: &[],
                                below: &[],
                            },
                            ::connect_core::__private::KeyNames {
                                own: &["user"],
                                flattened: &[],
                                below: &[],
                            },
                        ],
                        below: &[],
                    };
                    type Draft = ();
                    fn define(definer: &mut ::connect_core::__private::Definer) {
                        VARIANTS.define(definer);
                    }
                    fn read(
                        reader: &mut ::connect_core::__private::Reader<'_>,
                    ) -> ::core::option::Option<Self> {
                        VARIANTS.read(reader)
                    }
                    fn write(&self, props: &mut ::connect_core::config::Props) {
                        match self {
                            Self::Trust {} => {
                                VARIANTS.write("trust", props);
                            }
                            Self::Password { user: value_user } => {
                                VARIANTS.write("password", props);
                                FIELD_PASSWORD_USER.write(value_user, props);
                            }
                        }
                    }
                }
                #[automatically_derived]
                impl ::connect_core::config::ConnectorConfig for Auth {
                    fn definition() -> &'static ::connect_core::config::ConfigDef {
                        static DEFINITION: ::std::sync::LazyLock<
                            ::connect_core::config::ConfigDef,
                        > = ::std::sync::LazyLock::new(|| {
                            ::connect_core::__private::definition_of::<Auth>("How to log in.")
                        });
                        &DEFINITION
                    }
                }
                #[automatically_derived]
                /**# Configuration keys

            | key | type | default | |
            | --- | --- | --- | --- |
            | `type` | `trust` `password` | `trust` | How to log in. |
            | `user` | `String` | required | If `type` is `password`: Name of the user. |
            */
                impl Auth {}
            };
        "#]],
    );
}

#[test]
fn recommendations_are_made_from_a_draft() {
    let expanded = config::derive(&parse_quote! {
        /// Reads tables.
        #[config(probe = TablesConfig::probe)]
        pub struct TablesConfig {
            /// Tables to read.
            #[config(recommend = list_tables)]
            tables: Vec<String>,
        }
    });

    check(
        expanded,
        &expect![[r#"
            const _: () = {
                const FIELD_TABLES: ::connect_core::__private::Field<Vec<String>> = ::connect_core::__private::field::<
                    Vec<String>,
                >(::connect_core::__private::KeySpec {
                    recommended: true,
                    ..::connect_core::__private::KeySpec::new("tables", "Tables to read.")
                });
                #[doc(hidden)]
                #[allow(
                    dead_code,
                    unreachable_pub,
                    reason = "the user may read any of the fields, or none"
                )]
                pub struct TablesConfigDraft {
                    pub tables: ::core::option::Option<Vec<String>>,
                }
                #[automatically_derived]
                impl ::core::fmt::Debug for TablesConfigDraft {
                    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                        f.write_str("TablesConfigDraft")
                    }
                }
                impl TablesConfigDraft {
                    fn read(reader: &mut ::connect_core::__private::Reader<'_>) -> Self {
                        Self {
                            tables: FIELD_TABLES.read(reader),
                        }
                    }
                }
                #[automatically_derived]
                impl ::connect_core::config::ConfigBlock for TablesConfig {
                    const KEYS: ::connect_core::__private::KeyNames = ::connect_core::__private::KeyNames {
                        own: &["tables"],
                        flattened: &[],
                        below: &[],
                    };
                    type Draft = TablesConfigDraft;
                    fn define(definer: &mut ::connect_core::__private::Definer) {
                        FIELD_TABLES.define(definer);
                    }
                    fn read(
                        reader: &mut ::connect_core::__private::Reader<'_>,
                    ) -> ::core::option::Option<Self> {
                        let value_tables = FIELD_TABLES.read(reader);
                        ::core::option::Option::Some(Self { tables: value_tables? })
                    }
                    fn write(&self, props: &mut ::connect_core::config::Props) {
                        FIELD_TABLES.write(&self.tables, props);
                    }
                    fn recommend(
                        recommendations: &mut ::connect_core::__private::Recommendations<'_>,
                    ) {
                        recommendations
                            .add::<
                                String,
                                _,
                                _,
                                _,
                                _,
                            >(&FIELD_TABLES, TablesConfigDraft::read, |draft| list_tables(draft));
                    }
                    fn probe(
                        &self,
                    ) -> ::connect_core::__private::BoxFuture<'_, ::connect_core::Result<()>> {
                        ::connect_core::__private::probe(self, |config| TablesConfig::probe(config))
                    }
                }
                #[automatically_derived]
                impl ::connect_core::config::ConnectorConfig for TablesConfig {
                    fn definition() -> &'static ::connect_core::config::ConfigDef {
                        static DEFINITION: ::std::sync::LazyLock<
                            ::connect_core::config::ConfigDef,
                        > = ::std::sync::LazyLock::new(|| {
                            ::connect_core::__private::definition_of::<TablesConfig>("Reads tables.")
                        });
                        &DEFINITION
                    }
                }
                #[automatically_derived]
                /**# Configuration keys

            | key | type | default | |
            | --- | --- | --- | --- |
            | `tables` | `Vec<String>` | required | Tables to read. |
            */
                impl TablesConfig {}
            };
        "#]],
    );
}
