//! What users read about the bundled plugins, made from their definitions.

// The worker links them.
use connect_worker as _;

mod pages;
mod samples;
mod schemas;

use std::sync::LazyLock;

use connect_core::registry::PluginRegistry;

/// Every plugin that the worker has. Those of these tests are left out.
static PLUGINS: LazyLock<PluginRegistry> = LazyLock::new(|| {
    let linked = PluginRegistry::from_inventory().expect("every plugin has its own name");
    let bundled = linked
        .iter()
        .filter(|it| !it.info.module.starts_with(module_path!()));
    PluginRegistry::new(bundled.copied()).expect("every plugin has its own name")
});
