//! From a connector's configuration to those of its tasks, and the instance that plans them.

use std::sync::Arc;
use std::time::Duration;

use connect_core::config::Props;
use connect_core::plugin::{ConnectorFns, PlanFn, Planning, PluginDescriptor, PluginKind};
use connect_core::{ConnectError, Result};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{LiveConnector, NotBegun, Plan, Planned};
use crate::config::connector::settings::ConnectorSettings;
use crate::config::connector::task_limit::TaskLimit;
use crate::config::connector::topic_creation::TopicRules;
use crate::config::connector::{TOPICS, TOPICS_REGEX};
use crate::providers::restore_references;
use crate::worker::connector::{ConnectorInstance, InstanceSpec, call_hook};

/// Class of a task, which the worker adds to its configuration.
const TASK_CLASS: &str = "task.class";
/// How long another operation waits for a start or a plan under way. What works is ready by then.
const GRACE: Duration = Duration::from_secs(1);

impl LiveConnector {
    /// Looks up what the configuration refers to, checks it, starts the instance that plans if there
    /// is to be one, and divides the work. Ends early when another operation needs the connector.
    pub(super) async fn begin(&mut self) -> Result<Plan, NotBegun> {
        let interrupt = self.interrupt.clone();
        let prepared = unless_interrupted(interrupt.clone(), self.prepare()).await;
        let (plugin, limit) = prepared.map_err(NotBegun::Refused)?;
        let planned = unless_interrupted(interrupt, self.start_and_plan(plugin, limit)).await;
        planned.map_err(NotBegun::Failed)
    }

    /// What is to be started, and how many tasks it may have.
    async fn prepare(&mut self) -> Result<(PluginDescriptor, TaskLimit)> {
        self.look_up().await?;
        let plugin = self.plugin()?;
        let limit = self.check(&plugin).await?;
        Ok((plugin, limit))
    }

    async fn start_and_plan(&mut self, plugin: PluginDescriptor, limit: TaskLimit) -> Result<Plan> {
        let configs = match planning(&plugin)? {
            Planning::Declared(plan) => self.plan_declared(plan, limit).await?,
            Planning::Own(connector) => {
                let instance = self.start_instance(&plugin, connector).await?;
                let configs = instance.plan(&self.resolved.props, limit.max).await;
                self.running = Some(instance);
                configs?
            }
        };
        self.complete_all(configs, limit, &plugin)
    }

    /// Looks up what the configuration refers to.
    async fn look_up(&mut self) -> Result<()> {
        self.resolved = self.worker.parts.providers.resolve(&self.config).await?;
        let reload_after = self.resolved.reload_after;
        self.reload_at = reload_after.map(|it| Instant::now() + it);
        Ok(())
    }

    /// Asks the running instance for another plan.
    pub(super) async fn plan_again(&mut self) -> Result<Plan> {
        let interrupt = self.interrupt.clone();
        let planned = async {
            let (plugin, limit) = self.prepare().await?;
            let configs = match &self.running {
                Some(instance) => instance.plan(&self.resolved.props, limit.max).await?,
                None => return Err(ConnectError::fatal("the connector has ended")),
            };
            self.complete_all(configs, limit, &plugin)
        };
        unless_interrupted(interrupt, planned).await
    }

    /// Tells the plugin that the connector was created.
    pub(in crate::herder) async fn tell_created(&mut self) -> Result<()> {
        self.look_up().await?;
        let Ok(Planning::Own(connector)) = self.plugin().and_then(|it| planning(&it)) else {
            return Ok(());
        };
        let told = call_hook(
            &self.worker.plugin_threads,
            connector.on_created,
            self.resolved.props.clone(),
        );
        unless_interrupted(self.interrupt.clone(), told).await
    }

    /// Tells the plugin that the connector was deleted.
    pub(in crate::herder) async fn tell_deleted(&self) {
        let Ok(Planning::Own(connector)) = self.plugin().and_then(|it| planning(&it)) else {
            return;
        };
        let told = call_hook(
            &self.worker.plugin_threads,
            connector.on_deleted,
            self.resolved.props.clone(),
        )
        .await;
        if let Err(error) = told {
            let trace = error.trace();
            tracing::warn!(
                connector = %self.name,
                error = %self.resolved.secrets.hide(&trace),
                "connector reported an error when it was told of its deletion"
            );
        }
    }

    /// Reads what the worker and the plugin need of the configuration.
    async fn check(&self, plugin: &PluginDescriptor) -> Result<TaskLimit> {
        let (kind, check) = (plugin.entry.kind(), plugin.config.check);
        self.apart(move |config, worker| {
            let settings = ConnectorSettings::parse(&config, kind, &worker.parts.plugins)?;
            let limit = TaskLimit::of(&settings)?;
            if kind == PluginKind::Source && worker.parts.config.topic_creation {
                TopicRules::parse(&config)?;
            }
            check(&config)?;
            Ok(limit)
        })
        .await
    }

    async fn plan_declared(&self, plan: PlanFn, limit: TaskLimit) -> Result<Vec<Props>> {
        self.apart(move |config, _| plan(&config, &config, limit.max))
            .await
    }

    /// Runs code of a plugin that may block or panic; neither reaches the herder.
    async fn apart<T: Send + 'static>(
        &self,
        call: impl FnOnce(Props, Arc<crate::worker::Worker>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (config, worker) = (self.resolved.props.clone(), Arc::clone(&self.worker));
        let called = async move { call(config, worker) };
        self.worker.plugin_threads.call(called).await?
    }

    async fn start_instance(
        &self,
        plugin: &PluginDescriptor,
        connector: ConnectorFns,
    ) -> Result<ConnectorInstance> {
        let spec = InstanceSpec {
            id: self.worker.next_instance(),
            name: self.name.clone(),
            kind: plugin.entry.kind(),
            start: connector.start,
            config: self.resolved.props.clone(),
            events: self.events.clone(),
        };
        ConnectorInstance::start(&self.worker, spec).await
    }

    /// Adds to the configurations of tasks what the worker knows of them.
    fn complete_all(
        &self,
        mut tasks: Vec<Props>,
        limit: TaskLimit,
        plugin: &PluginDescriptor,
    ) -> Result<Plan> {
        limit.check(&self.name, tasks.len())?;
        let connector = &self.resolved.props;
        for task in &mut tasks {
            task.insert(TASK_CLASS, Some(task_class(plugin.info.name)));
            if plugin.entry.kind() == PluginKind::Sink {
                for key in [TOPICS, TOPICS_REGEX] {
                    if let Some(topics) = connector.get(key) {
                        task.insert(key, Some(topics.to_owned()));
                    }
                }
            }
        }
        let mut shown = tasks.clone();
        for task in &mut shown {
            restore_references(&self.config, task);
        }
        let connector = connector.clone();
        let used = Planned { connector, tasks };
        Ok(Plan { used, shown })
    }
}

fn planning(plugin: &PluginDescriptor) -> Result<Planning> {
    let planning = plugin.entry.planning();
    planning.ok_or_else(|| {
        ConnectError::config(format_args!("{} is not a connector", plugin.info.name))
    })
}

/// Waits for the code of a plugin, which is given up when another operation has waited for a while.
async fn unless_interrupted<T>(
    interrupt: CancellationToken,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let waited_for_long = async {
        interrupt.cancelled().await;
        sleep(GRACE).await;
    };
    tokio::select! {
        biased;
        done = work => done,
        () = waited_for_long => Err(ConnectError::fatal(
            "another request to change the state of the connector came in between",
        )),
    }
}

/// The class that the reference names for the tasks of a connector.
fn task_class(connector: &str) -> String {
    let stem = connector.strip_suffix("Connector").unwrap_or(connector);
    format!("{stem}Task")
}
