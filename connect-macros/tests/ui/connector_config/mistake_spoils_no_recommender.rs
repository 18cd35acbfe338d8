use connect_core::prelude::*;

/// A configuration.
#[derive(Clone, ConnectorConfig)]
struct Config {
    /// Host name of the server.
    host: String,
    /// Tables to read.
    #[config(recommend = list_tables, importance = hihg)]
    tables: Vec<String>,
}

async fn list_tables(draft: Draft<Config>) -> Result<Vec<String>> {
    Ok(draft.host.into_iter().collect())
}

/// Reads tables.
#[source_connector(split_by = tables)]
struct Tables {
    config: Config,
}

#[source_task]
impl SourceTask for Tables {
    type Config = Config;

    async fn start(config: Config, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self { config })
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        let tables = self.config.tables.iter();
        let records = tables.map(|it| SourceRecord::new(it.as_str(), (), ()));
        Ok(records.collect())
    }
}

fn main() {}
