//! Typed partitions and offsets survive the way through the store.

use std::sync::Arc;

use connect_core::offset::{OffsetMap, OffsetValue, SourceOffset, SourcePartition};
use connect_core::prelude::{SourceOffset, SourcePartition, Text};
use proptest::prelude::*;

#[derive(Clone, Debug, PartialEq, SourceOffset)]
struct Everything {
    flag: bool,
    small: i16,
    id: i64,
    count: u32,
    ratio: f64,
    text: String,
    shared: Arc<str>,
    slice: Text,
    maybe: Option<i64>,
    r#type: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, SourcePartition)]
struct File {
    #[offset(key = "filename")]
    name: Option<String>,
}

prop_compose! {
    fn everything()(
        (flag, small, id, count) in any::<(bool, i16, i64, u32)>(),
        ratio in proptest::num::f64::NORMAL,
        (text, shared, slice) in any::<(String, String, String)>(),
        maybe in any::<Option<i64>>(),
        r#type in any::<Option<String>>(),
    ) -> Everything {
        Everything {
            flag, small, id, count, ratio, text, maybe, r#type,
            shared: shared.into(),
            slice: Text::from(slice.as_str()),
        }
    }
}

proptest! {
    #[test]
    fn offsets_come_back_from_the_store_as_they_were(offset in everything()) {
        let stored = offset.to_stored();
        let read = OffsetMap::from_value(&stored.to_value()).unwrap();

        prop_assert_eq!(Everything::from_stored(&read), Ok(offset));
    }
}

#[test]
fn keys_are_the_names_of_the_fields_or_what_was_said() {
    let file = File {
        name: Some("orders.txt".to_owned()),
    };

    let stored = file.to_stored();

    assert_eq!(stored, OffsetMap::new().with("filename", "orders.txt"));
    assert_eq!(File::from_stored(&stored), Ok(file));
}

#[test]
fn absent_values_are_stored_as_null() {
    let stored = File { name: None }.to_stored();

    assert_eq!(stored.get("filename"), Some(&OffsetValue::Null));
    assert_eq!(
        File::from_stored(&OffsetMap::new()),
        Ok(File { name: None })
    );
}

#[test]
fn a_stored_offset_that_does_not_fit_is_refused() {
    let stored = OffsetMap::new().with("filename", 7_i64);

    assert_eq!(
        File::from_stored(&stored).unwrap_err().to_string(),
        "field `filename` of stored map {filename: 7} is not text"
    );
}
