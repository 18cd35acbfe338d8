//! Leaves fields out and renames them.

use std::mem;

use connect_core::data::{
    DataError, Field, Keys, Map, MapFilter, Schema, SchemaAndValue, SchemaBuilder, Struct, Value,
};
use connect_core::record::Record;
use connect_core::{ConnectorConfig, DataTransform, Result, transform};

use crate::cache::{Latest, SchemaCache};
use crate::names::Names;
use crate::nulls::NullHandling;
use crate::pairs::Renames;
use crate::shape::{Selection, field_name, into_map, into_struct, with_metadata_of};

const PURPOSE: &str = "field replacement";

/// Which fields [`ReplaceField`] keeps, and their names.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct ReplaceFieldConfig {
    /// Fields to leave out, whatever else is said of them.
    #[config(default = Names::default())]
    pub exclude: Names,

    /// Fields to keep; all if there are none.
    #[config(default = Names::default())]
    pub include: Names,

    /// New names of fields.
    #[config(default = Renames::default())]
    pub renames: Renames,

    /// What null fields stand for.
    #[config(flatten)]
    pub nulls: NullHandling,
}

impl ReplaceFieldConfig {
    fn keeps(&self, field: &str) -> bool {
        !self.exclude.contains(field) && (self.include.is_empty() || self.include.contains(field))
    }
}

/// Removes fields of the key or the value, and gives others new names.
#[transform(
    name = "org.apache.kafka.connect.transforms.ReplaceField",
    version = "4.3.1",
    targets(key, value)
)]
#[derive(Debug)]
pub struct ReplaceField {
    config: ReplaceFieldConfig,
    replacements: SchemaCache<Replacement>,
    filters: Filters,
}

impl DataTransform for ReplaceField {
    type Config = ReplaceFieldConfig;

    fn new(config: ReplaceFieldConfig) -> Result<Self> {
        Ok(Self {
            config,
            replacements: SchemaCache::default(),
            filters: Filters::default(),
        })
    }

    fn apply(&mut self, data: SchemaAndValue, _: &Record) -> Result<SchemaAndValue> {
        if data.value.is_null() {
            return Ok(data);
        }
        let config = &self.config;
        let Some(schema) = data.schema else {
            let map = into_map(data.value, PURPOSE)?;
            let map = match config.renames.is_empty() {
                true => self.filters.apply(config, map)?,
                false => rename_in_map(config, map)?,
            };
            return Ok(SchemaAndValue::schemaless(map));
        };
        let record = into_struct(&schema, data.value, PURPOSE)?;
        let replacement = self
            .replacements
            .get_or_build(&schema, |schema| Replacement::new(config, schema))?;
        let made = replacement.take(&schema, &mut record.into_values(), config.nulls)?;
        Ok(SchemaAndValue::new(
            replacement.selection.schema.clone(),
            made,
        ))
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}

/// Larger maps are not remembered.
const REMEMBERED: usize = 10_000;

/// Which entries of maps are kept. Mostly a map has the keys of one before, and names are not looked
/// up again.
#[derive(Debug, Default)]
struct Filters(Latest<MapFilter>);

impl Filters {
    fn apply(&mut self, config: &ReplaceFieldConfig, mut map: Map) -> Result<Map> {
        if self.0.bring(|it| map.filter(it)) {
            return Ok(map);
        }
        let mut filter = filter_of(config, map.keys())?;
        let is_remembered = map.len() <= REMEMBERED;
        map.filter(&mut filter);
        if is_remembered {
            self.0.add(filter);
        }
        Ok(map)
    }
}

fn filter_of(config: &ReplaceFieldConfig, keys: &Keys) -> Result<MapFilter> {
    for key in keys {
        field_name(key)?;
    }
    let is_kept = |key: &Value| key.as_str().is_some_and(|name| config.keeps(name));
    Ok(MapFilter::new(keys, is_kept))
}

fn rename_in_map(config: &ReplaceFieldConfig, map: Map) -> Result<Map> {
    let mut made = Map::with_capacity(map.len()).hashed();
    for (key, value) in map {
        let name = field_name(&key)?;
        if !config.keeps(name) {
            continue;
        }
        let renamed = config.renames.new_name(name);
        let key = match renamed == name {
            true => key,
            false => Value::from(renamed),
        };
        made.insert(key, value);
    }
    Ok(made)
}

/// What becomes of the structs of a schema.
#[derive(Debug)]
struct Replacement {
    selection: Selection,
    /// The first field that is to be filled from one that is not there.
    lost: Option<Lost>,
}

#[derive(Debug)]
struct Lost {
    place: usize,
    source: String,
}

impl Replacement {
    fn new(config: &ReplaceFieldConfig, schema: &Schema) -> Result<Self> {
        let mut builder = with_metadata_of(schema, SchemaBuilder::structure());
        let mut places = Vec::new();
        let mut lost = None;
        let fields = schema.fields()?.iter();
        for field in fields.filter(|it| config.keeps(it.name())) {
            let name = config.renames.new_name(field.name());
            builder = builder.field(name, field.schema().clone());
            let source = config.renames.old_name(name);
            let place = schema.field(source)?.map(Field::index);
            if place.is_none() && lost.is_none() {
                lost = Some(Lost {
                    place: places.len(),
                    source: source.to_owned(),
                });
            }
            // Fields behind one that is lost are never read.
            places.push(place.unwrap_or(field.index()));
        }
        let schema = builder.build()?.kept();
        let selection = Selection { schema, places };
        Ok(Self { selection, lost })
    }

    fn take(&self, source: &Schema, values: &mut [Value], nulls: NullHandling) -> Result<Struct> {
        let Some(lost) = &self.lost else {
            return self.selection.take(source, values, nulls);
        };
        // Fields before it may be wrong in themselves.
        let fields = source.fields()?;
        Struct::from_fields(&self.selection.schema, |field| {
            if field.index() == lost.place {
                let problem = format!("{} is not a valid field name", lost.source);
                return Err(DataError::data(problem).into());
            }
            let from = self.selection.places[field.index()];
            Ok(nulls.read(&fields[from], mem::take(&mut values[from])))
        })
    }
}

#[cfg(test)]
mod tests {
    use connect_core::config::Props;

    use super::*;

    /// The fields of a struct with `a` = 1 and `b` = 2, or what is wrong with it.
    fn replaced(config: &[(&str, &str)]) -> Result<String, String> {
        let builder = SchemaBuilder::structure().field("a", Schema::int32());
        let schema = builder.field("b", Schema::int32()).build().unwrap();
        let mut record = Struct::new(&schema).unwrap();
        record.put("a", 1).unwrap().put("b", 2).unwrap();
        let config = ReplaceFieldConfig::parse(&Props::from_iter(config.iter().copied()));
        let mut transform = ReplaceField::new(config.unwrap()).unwrap();

        let data = SchemaAndValue::new(schema, record);
        let made = transform.apply(data, &Record::new("t"));
        made.map(|it| it.value.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn entries_are_told_apart_when_maps_differ() {
        let props = Props::from_iter([("exclude", "b,d")]);
        let config = ReplaceFieldConfig::parse(&props).unwrap();
        let mut transform = ReplaceField::new(config).unwrap();
        let mut kept = |names: &[&str]| {
            let map: Map = names.iter().map(|name| (*name, 1)).collect();
            let made = transform.apply(SchemaAndValue::schemaless(map), &Record::new("t"));
            made.unwrap().value.to_string()
        };

        assert_eq!(kept(&["a", "b", "c"]), "{a=1, c=1}");
        assert_eq!(kept(&["a", "b", "c", "d"]), "{a=1, c=1}");
        assert_eq!(kept(&["b", "a"]), "{a=1}");
        assert_eq!(kept(&["b", "a", "d", "c"]), "{a=1, c=1}");
    }

    #[test]
    fn a_name_that_is_new_to_some_field_is_filled_from_there() {
        let swapped = replaced(&[("renames", "a:b"), ("exclude", "a")]);
        let from_nowhere = replaced(&[("renames", "c:b")]);

        assert_eq!(swapped.unwrap(), "Struct{b=1}");
        assert_eq!(from_nowhere.unwrap_err(), "c is not a valid field name");
    }

    #[test]
    fn of_fields_that_cannot_be_filled_the_first_is_told() {
        let builder = SchemaBuilder::structure().field("a", Schema::string());
        let builder = builder.field("b", Schema::int32());
        let schema = builder.field("c", Schema::int32()).build().unwrap();
        let mut record = Struct::new(&schema).unwrap();
        record.put("a", "x").unwrap().put("b", 2).unwrap();
        record.put("c", 3).unwrap();
        let replaced = |renames: &str| {
            let props = Props::from_iter([("renames", renames), ("exclude", "a")]);
            let config = ReplaceFieldConfig::parse(&props).unwrap();
            let mut transform = ReplaceField::new(config).unwrap();
            let data = SchemaAndValue::new(schema.clone(), record.clone());
            let made = transform.apply(data, &Record::new("t"));
            made.map(drop).unwrap_err().to_string()
        };

        assert_eq!(
            replaced("a:b,x:c"),
            "Invalid Java object for schema with type INT32: class java.lang.String for field: \"b\""
        );
        assert_eq!(replaced("x:b,a:c"), "x is not a valid field name");
    }
}
