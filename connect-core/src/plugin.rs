//! What a plugin is to the worker: names, documentation and function pointers.
//!
//! Descriptors are constants that the attribute macros submit to the inventory; nothing runs and
//! nothing is allocated before somebody asks the [registry](crate::registry).

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroUsize;

use crate::client_config::{self, ClientConfigPolicy, ErasedClientConfigPolicy};
use crate::config::live::recommendations;
use crate::config::{
    ConfigDef, ConfigErrors, ConfigValueInfo, ConnectorConfig, Props, Recommendation,
};
use crate::connector::{
    self, ConnectorSurroundings, ErasedConnector, SinkConnector, SourceConnector,
};
use crate::converter::{Converter, ErasedConverter, Role};
use crate::error::Result;
use crate::header_converter::{HeaderConverter, OfHeaders};
use crate::offset::{Alteration, OffsetChanges, StoredChange};
use crate::provider::{self, ConfigProvider, ErasedConfigProvider};
use crate::rest_extension::{self, ClusterState, ErasedRestExtension, RestExtension};
use crate::sink::{self, ErasedSinkTask, SinkContext, SinkOffsetChanges, SinkTask};
use crate::source::{self, BoxFuture, ErasedSourceTask, SourceGuarantees, SourceTask, TaskContext};
use crate::transform::{
    self, DataTransform, ErasedPredicate, ErasedTransform, Predicate, Target, Transform,
};

mod plans;

pub use plans::{Splittable, deal, plan_replicate, plan_single, plan_split, runs};

/// Who a plugin is, as written by its author.
#[derive(Clone, Copy, Debug)]
pub struct PluginInfo {
    /// Full name, as users write it in `connector.class` and the like.
    pub name: &'static str,
    /// Other full names that it answers to.
    pub aliases: &'static [&'static str],
    /// Semantic version.
    pub version: &'static str,
    /// Documentation; the first line is the summary.
    pub documentation: &'static str,
    /// Rust module that defines it, for messages.
    pub module: &'static str,
}

/// A plugin that was compiled into this program.
#[derive(Clone, Copy, Debug)]
pub struct PluginDescriptor {
    /// Who it is.
    pub info: PluginInfo,
    /// Its configuration.
    pub config: ConfigFns,
    /// What it can do.
    pub entry: PluginEntry,
}

inventory::collect!(PluginDescriptor);

/// The configuration of a plugin, without its type.
#[derive(Clone, Copy)]
pub struct ConfigFns {
    /// The definition of its keys.
    pub definition: fn() -> &'static ConfigDef,
    /// Checks a configuration: all mistakes at once.
    pub check: fn(&Props) -> Result<(), ConfigErrors>,
    /// Checks a configuration key by key, for clients that show a form.
    pub validate: fn(&Props) -> Vec<ConfigValueInfo>,
    /// Questions to the other side, for clients that show a form.
    pub recommend: fn(&Props) -> Vec<Recommendation>,
    /// Tries a good configuration on the other side.
    pub probe: fn(Props) -> BoxFuture<'static, Result<()>>,
}

impl ConfigFns {
    /// Those of a configuration.
    #[must_use]
    pub const fn of<C: ConnectorConfig>() -> Self {
        Self {
            definition: C::definition,
            check: |props| C::parse(props).map(drop),
            validate: C::validate,
            recommend: recommendations::<C>,
            probe: probe::<C>,
        }
    }
}

/// The configuration lives as long as it is tried.
fn probe<C: ConnectorConfig>(props: Props) -> BoxFuture<'static, Result<()>> {
    Box::pin(async move {
        let config = C::parse(&props)?;
        config.probe().await
    })
}

impl fmt::Debug for ConfigFns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigFns").finish_non_exhaustive()
    }
}

/// Divides the work of a connector: at most so many task configurations, each an overlay on what
/// the user wrote. First comes the configuration that is read, then the one that was written, in
/// which variables stand as they are.
pub type PlanFn = fn(&Props, &Props, NonZeroUsize) -> Result<Vec<Props>>;

/// Starts an instance of a connector.
pub type StartConnectorFn =
    fn(Props, ConnectorSurroundings) -> BoxFuture<'static, Result<Box<dyn ErasedConnector>>>;

/// Tells a connector of something that happened to its configuration.
pub type ConnectorHookFn = fn(Props) -> BoxFuture<'static, Result<()>>;

/// How a connector divides its work.
#[derive(Clone, Copy)]
pub enum Planning {
    /// As it was declared; nothing of the connector runs beside its tasks.
    Declared(PlanFn),
    /// By an instance that runs beside the tasks.
    Own(ConnectorFns),
}

/// The functions of a connector with a life of its own.
#[derive(Clone, Copy)]
pub struct ConnectorFns {
    /// Starts an instance.
    pub start: StartConnectorFn,
    /// See [`SourceConnector::on_created`].
    pub on_created: ConnectorHookFn,
    /// See [`SourceConnector::on_deleted`].
    pub on_deleted: ConnectorHookFn,
}

impl Planning {
    /// Starts an instance of the connector, or what stands for it.
    #[must_use]
    pub fn start(
        self,
        props: Props,
        cx: ConnectorSurroundings,
    ) -> BoxFuture<'static, Result<Box<dyn ErasedConnector>>> {
        match self {
            Self::Declared(plan) => connector::start_declared(props, plan),
            Self::Own(connector) => (connector.start)(props, cx),
        }
    }
}

impl fmt::Debug for Planning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Declared(_) => "Declared",
            Self::Own(_) => "Own",
        })
    }
}

impl fmt::Debug for ConnectorFns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectorFns").finish_non_exhaustive()
    }
}

/// Starts a source task.
pub type StartSourceFn =
    fn(Props, TaskContext) -> BoxFuture<'static, Result<Box<dyn ErasedSourceTask>>>;

/// Starts a sink task.
pub type StartSinkFn =
    fn(Props, SinkContext) -> BoxFuture<'static, Result<Box<dyn ErasedSinkTask>>>;

/// Asks a source connector what it promises for a configuration.
pub type GuaranteesFn = fn(&Props) -> Result<SourceGuarantees, ConfigErrors>;

/// Asks a source connector about offsets that a user changes; the connector's configuration comes
/// first.
pub type AlterSourceOffsetsFn =
    fn(Props, Vec<StoredChange>) -> BoxFuture<'static, Result<Alteration>>;

/// Asks a sink connector about offsets that a user changes; the connector's configuration comes
/// first.
pub type AlterSinkOffsetsFn =
    fn(Props, SinkOffsetChanges) -> BoxFuture<'static, Result<Alteration>>;

/// Makes a converter.
pub type NewConverterFn = fn(&Props, Role) -> Result<Box<dyn ErasedConverter>>;

/// Makes a transform.
pub type NewTransformFn = fn(&Props) -> Result<Box<dyn ErasedTransform>>;

/// Makes a predicate.
pub type NewPredicateFn = fn(&Props) -> Result<Box<dyn ErasedPredicate>>;

/// Makes a configuration provider.
pub type NewConfigProviderFn = fn(&Props) -> Result<Box<dyn ErasedConfigProvider>>;

/// Makes a policy for client settings.
pub type NewClientConfigPolicyFn = fn(&Props) -> Result<Box<dyn ErasedClientConfigPolicy>>;

/// Makes a REST extension.
pub type NewRestExtensionFn = fn(&Props, ClusterState) -> Result<Box<dyn ErasedRestExtension>>;

/// The functions of a plugin, by kind.
#[derive(Clone, Copy)]
pub enum PluginEntry {
    /// A source connector and its task.
    Source {
        /// How the work is divided.
        plan: Planning,
        /// Starts a task.
        start: StartSourceFn,
        /// Says what the source promises.
        guarantees: GuaranteesFn,
        /// Checks offsets that a user changes.
        alter_offsets: AlterSourceOffsetsFn,
    },
    /// A sink connector and its task.
    Sink {
        /// How the work is divided.
        plan: Planning,
        /// Starts a task.
        start: StartSinkFn,
        /// Checks offsets that a user changes.
        alter_offsets: AlterSinkOffsetsFn,
    },
    /// A converter.
    Converter {
        /// The roles it can serve.
        roles: &'static [Role],
        /// Makes one.
        new: NewConverterFn,
    },
    /// A single message transform.
    Transform {
        /// Makes one.
        new: NewTransformFn,
    },
    /// A predicate of transforms.
    Predicate {
        /// Makes one.
        new: NewPredicateFn,
    },
    /// A configuration provider.
    ConfigProvider {
        /// Makes one.
        new: NewConfigProviderFn,
    },
    /// A policy for client settings.
    ClientConfigPolicy {
        /// Makes one.
        new: NewClientConfigPolicyFn,
    },
    /// A REST extension.
    RestExtension {
        /// Makes one.
        new: NewRestExtensionFn,
    },
}

impl PluginEntry {
    /// How the work of a connector is divided; `None` for other plugins.
    #[must_use]
    pub fn planning(&self) -> Option<Planning> {
        match self {
            Self::Source { plan, .. } | Self::Sink { plan, .. } => Some(*plan),
            _ => None,
        }
    }

    /// The kind of plugin.
    #[must_use]
    pub fn kind(&self) -> PluginKind {
        match self {
            Self::Source { .. } => PluginKind::Source,
            Self::Sink { .. } => PluginKind::Sink,
            Self::Converter { .. } => PluginKind::Converter,
            Self::Transform { .. } => PluginKind::Transform,
            Self::Predicate { .. } => PluginKind::Predicate,
            Self::ConfigProvider { .. } => PluginKind::ConfigProvider,
            Self::ClientConfigPolicy { .. } => PluginKind::ClientConfigPolicy,
            Self::RestExtension { .. } => PluginKind::RestExtension,
        }
    }
}

impl fmt::Debug for PluginEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.kind(), f)
    }
}

/// The kinds of plugins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PluginKind {
    /// Writes to another system.
    Sink,
    /// Reads from another system.
    Source,
    /// Translates between data and bytes.
    Converter,
    /// Changes records on their way.
    Transform,
    /// Says to which records a transform applies.
    Predicate,
    /// Looks up values that configurations refer to.
    ConfigProvider,
    /// Says what connectors may change of their clients.
    ClientConfigPolicy,
    /// Sees the requests to the REST API.
    RestExtension,
}

impl PluginKind {
    /// The kind in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sink => "sink",
            Self::Source => "source",
            Self::Converter => "converter",
            Self::Transform => "transform",
            Self::Predicate => "predicate",
            Self::ConfigProvider => "provider",
            Self::ClientConfigPolicy => "policy",
            Self::RestExtension => "extension",
        }
    }
}

/// The descriptor of a source connector; what `#[source_connector]` submits.
#[must_use]
pub const fn source_plugin<T: SourceTask>(info: PluginInfo, plan: PlanFn) -> PluginDescriptor {
    PluginDescriptor {
        info,
        config: ConfigFns::of::<T::Config>(),
        entry: PluginEntry::Source {
            plan: Planning::Declared(plan),
            start: T::start_erased,
            guarantees: source::guarantees_erased::<T>,
            alter_offsets: source::alter_erased::<T>,
        },
    }
}

/// The descriptor of a sink connector; what `#[sink_connector]` submits.
#[must_use]
pub const fn sink_plugin<T: SinkTask>(info: PluginInfo, plan: PlanFn) -> PluginDescriptor {
    PluginDescriptor {
        info,
        config: ConfigFns::of::<T::Config>(),
        entry: PluginEntry::Sink {
            plan: Planning::Declared(plan),
            start: T::start_erased,
            alter_offsets: sink::alter_erased::<T>,
        },
    }
}

/// The descriptor of a source connector that plans its own tasks; what
/// `#[source_connector(task = ...)]` submits.
#[must_use]
pub const fn source_connector_plugin<C, T>(info: PluginInfo) -> PluginDescriptor
where
    C: SourceConnector<Task = T>,
    T: SourceTask,
{
    PluginDescriptor {
        info,
        config: ConfigFns::of::<T::Config>(),
        entry: PluginEntry::Source {
            plan: Planning::Own(ConnectorFns {
                start: connector::start_source::<C>,
                on_created: |props| {
                    Box::pin(async move { C::on_created(T::Config::parse(&props)?).await })
                },
                on_deleted: |props| {
                    Box::pin(async move { C::on_deleted(T::Config::parse(&props)?).await })
                },
            }),
            start: T::start_erased,
            guarantees: |props| {
                let config = T::Config::parse(props)?;
                Ok(SourceGuarantees {
                    exactly_once: C::exactly_once_support(&config),
                    transaction_boundaries: C::defines_transaction_boundaries(&config),
                })
            },
            alter_offsets: |props, changes| {
                Box::pin(async move {
                    let config = T::Config::parse(&props)?;
                    C::alter_offsets(config, OffsetChanges::new(changes)).await
                })
            },
        },
    }
}

/// The descriptor of a sink connector that plans its own tasks; what
/// `#[sink_connector(task = ...)]` submits.
#[must_use]
pub const fn sink_connector_plugin<C, T>(info: PluginInfo) -> PluginDescriptor
where
    C: SinkConnector<Task = T>,
    T: SinkTask,
{
    PluginDescriptor {
        info,
        config: ConfigFns::of::<T::Config>(),
        entry: PluginEntry::Sink {
            plan: Planning::Own(ConnectorFns {
                start: connector::start_sink::<C>,
                on_created: |props| {
                    Box::pin(async move { C::on_created(T::Config::parse(&props)?).await })
                },
                on_deleted: |props| {
                    Box::pin(async move { C::on_deleted(T::Config::parse(&props)?).await })
                },
            }),
            start: T::start_erased,
            alter_offsets: |props, changes| {
                Box::pin(async move { C::alter_offsets(T::Config::parse(&props)?, changes).await })
            },
        },
    }
}

/// The descriptor of a converter; what `#[converter]` submits.
#[must_use]
pub const fn converter_plugin<T: Converter>(info: PluginInfo) -> PluginDescriptor {
    PluginDescriptor {
        info,
        config: ConfigFns::of::<T::Config>(),
        entry: PluginEntry::Converter {
            roles: T::ROLES,
            new: new_converter::<T>,
        },
    }
}

/// The descriptor of a transform of whole records; what `#[transform]` submits.
#[must_use]
pub const fn transform_plugin<T: Transform>(info: PluginInfo) -> PluginDescriptor {
    PluginDescriptor {
        info,
        config: ConfigFns::of::<T::Config>(),
        entry: PluginEntry::Transform {
            new: transform::new_transform::<T>,
        },
    }
}

/// The descriptor of a transform of keys or values; what `#[transform]` submits for each target.
#[must_use]
pub const fn data_transform_plugin<T: DataTransform>(
    info: PluginInfo,
    target: Target,
) -> PluginDescriptor {
    let new = match target {
        Target::Key => transform::new_key_transform::<T> as NewTransformFn,
        Target::Value => transform::new_value_transform::<T>,
    };
    PluginDescriptor {
        info,
        config: ConfigFns::of::<T::Config>(),
        entry: PluginEntry::Transform { new },
    }
}

/// The descriptor of a predicate; what `#[predicate]` submits.
#[must_use]
pub const fn predicate_plugin<T: Predicate>(info: PluginInfo) -> PluginDescriptor {
    PluginDescriptor {
        info,
        config: ConfigFns::of::<T::Config>(),
        entry: PluginEntry::Predicate {
            new: transform::new_predicate::<T>,
        },
    }
}

/// The descriptor of a configuration provider; what `#[config_provider]` submits.
#[must_use]
pub const fn config_provider_plugin<T: ConfigProvider>(info: PluginInfo) -> PluginDescriptor {
    PluginDescriptor {
        info,
        config: ConfigFns::of::<T::Config>(),
        entry: PluginEntry::ConfigProvider {
            new: provider::new_config_provider::<T>,
        },
    }
}

/// The descriptor of a header converter; what `#[header_converter]` submits.
#[must_use]
pub const fn header_converter_plugin<T: HeaderConverter>(info: PluginInfo) -> PluginDescriptor {
    converter_plugin::<OfHeaders<T>>(info)
}

/// The descriptor of a policy for client settings; what `#[client_config_policy]` submits.
#[must_use]
pub const fn client_config_policy_plugin<T: ClientConfigPolicy>(
    info: PluginInfo,
) -> PluginDescriptor {
    PluginDescriptor {
        info,
        config: ConfigFns::of::<T::Config>(),
        entry: PluginEntry::ClientConfigPolicy {
            new: client_config::new_policy::<T>,
        },
    }
}

/// The descriptor of a REST extension; what `#[rest_extension]` submits.
#[must_use]
pub const fn rest_extension_plugin<T: RestExtension>(info: PluginInfo) -> PluginDescriptor {
    PluginDescriptor {
        info,
        config: ConfigFns::of::<T::Config>(),
        entry: PluginEntry::RestExtension {
            new: rest_extension::new_rest_extension::<T>,
        },
    }
}

/// The key that tells a converter its role. Whoever makes the converter sets it.
pub(crate) const CONVERTER_TYPE: &str = "converter.type";

/// Converters find their role among their settings as well, since some define a key for it.
fn new_converter<T: Converter>(props: &Props, role: Role) -> Result<Box<dyn ErasedConverter>> {
    let mut props = Cow::Borrowed(props);
    if !props.contains_key(CONVERTER_TYPE) {
        let role = role.as_str().to_owned();
        props.to_mut().insert(CONVERTER_TYPE, Some(role));
    }
    let config = T::Config::parse(&props)?;
    Ok(Box::new(T::new(config, role)?))
}
