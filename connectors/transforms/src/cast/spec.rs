//! What to cast: `price:float64,id:string`, or one type for all.

use connect_core::config::{ConfigType, ConfigValue, Unit, ValueError};
use connect_core::data::{Type, Value};

use crate::java_hash::sort_as_hashed;
use crate::pairs::{self, shown, split};

/// Types that data can be cast to.
const TARGETS: [Type; 8] = [
    Type::Int8,
    Type::Int16,
    Type::Int32,
    Type::Int64,
    Type::Float32,
    Type::Float64,
    Type::Boolean,
    Type::String,
];

const NOTHING: &str = "Must specify at least one field to cast.";

/// What is cast to which type.
#[derive(Clone, Debug)]
pub enum CastSpec {
    /// The whole key or value.
    Whole(Type),
    /// Some of its fields.
    Fields(Vec<FieldCast>),
}

/// A field and its type.
#[derive(Clone, Debug)]
pub struct FieldCast {
    /// The name, as the key of a map.
    pub(super) key: Value,
    pub(super) target: Type,
}

impl ConfigValue for CastSpec {
    fn valid_values() -> Option<String> {
        Some(pairs::VALID_VALUES.to_owned())
    }

    fn kind(unit: Unit) -> ConfigType {
        Vec::<String>::kind(unit)
    }

    fn null_mistake() -> Option<ValueError> {
        Some(ValueError::whole(NOTHING))
    }

    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
        let items = Vec::<String>::parse_text(text, unit)?;
        Self::parse(&items).map_err(ValueError::whole)
    }

    fn to_text(&self, unit: Unit) -> Option<String> {
        let pair = |it: &FieldCast| format!("{}:{}", it.key, it.target.config_name());
        match self {
            Self::Whole(target) => vec![target.config_name().to_owned()],
            Self::Fields(fields) => fields.iter().map(pair).collect(),
        }
        .to_text(unit)
    }
}

impl CastSpec {
    /// Reads the items of a list.
    fn parse(items: &[String]) -> Result<Self, String> {
        if items.is_empty() {
            return Err(NOTHING.to_owned());
        }
        let mut fields: Vec<FieldCast> = Vec::with_capacity(items.len());
        let mut whole = None;
        for item in items {
            match split(item).as_slice() {
                [target] => whole = Some(parse_target(target)?),
                [field, target] => {
                    let key = Value::from(trim(field));
                    let target = parse_target(target)?;
                    match fields.iter_mut().find(|it| it.key == key) {
                        Some(known) => known.target = target,
                        None => fields.push(FieldCast { key, target }),
                    }
                }
                _ => {
                    return Err(format!(
                        "Invalid value {} for configuration renames: Invalid rename mapping: {item}",
                        shown(items)
                    ));
                }
            }
        }
        match whole {
            None => {
                sort_as_hashed(&mut fields, |it| it.key.as_str().unwrap_or_default());
                Ok(Self::Fields(fields))
            }
            Some(target) if items.len() == 1 => Ok(Self::Whole(target)),
            Some(_) => Err(
                "Cast transformations that specify a type to cast the entire value to may only \
                 specify a single cast in their spec"
                    .to_owned(),
            ),
        }
    }

    /// The type that a field is cast to.
    pub(super) fn target_of(&self, field: &str) -> Option<Type> {
        match self {
            Self::Whole(_) => None,
            Self::Fields(fields) => {
                let found = fields.iter().find(|it| it.key.as_str() == Some(field));
                found.map(|it| it.target)
            }
        }
    }
}

/// Java trims blanks and all control characters before them in the code table.
fn trim(text: &str) -> &str {
    text.trim_matches(|it| it <= ' ')
}

fn parse_target(name: &str) -> Result<Type, String> {
    let name = trim(name);
    let target = Type::from_name(name)
        .ok_or_else(|| format!("Invalid type found in casting spec: {name}"))?;
    if TARGETS.contains(&target) {
        return Ok(target);
    }
    Err(format!(
        "Cast transformation does not support casting to {target}; supported types are [{}]",
        TARGETS.map(Type::name).join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_of_colons_names_no_type() {
        let problem = |text| {
            CastSpec::parse_text(text, Unit::None)
                .unwrap_err()
                .to_string()
        };

        assert_eq!(problem(":"), "Invalid type found in casting spec: ");
        assert_eq!(problem("::,int8"), "Invalid type found in casting spec: ");
    }
}
