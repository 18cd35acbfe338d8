//! JSON trees as schemaless values, as a JSON converter without schemas would read them.

use serde_json::Value as Json;

use super::Value;
use crate::data::Map;

impl From<Json> for Value {
    /// Whole numbers become `Int64` when they fit, all others `Float64`; objects become maps.
    fn from(json: Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(it) => it.into(),
            Json::Number(it) => match it.as_i64() {
                Some(whole) => whole.into(),
                None => it.as_f64().into(),
            },
            Json::String(it) => it.into(),
            Json::Array(it) => it.into_iter().collect(),
            Json::Object(it) => Self::Map(it.into_iter().collect::<Map>()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_becomes_schemaless_values() {
        let value = Value::from(serde_json::json!({"id": 1, "price": 1.5, "tags": ["a", null]}));

        let map = value.as_map().unwrap();
        assert_eq!(map.get_str("id"), Some(&Value::Int64(1)));
        assert_eq!(map.get_str("price"), Some(&Value::Float64(1.5)));
        assert_eq!(
            map.get_str("tags"),
            Some(&Value::Array(vec!["a".into(), Value::Null]))
        );
    }
}
