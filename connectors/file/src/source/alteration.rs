//! Which positions a user may set. The texts are the reference's.

use connect_core::offset::{Alteration, OffsetChanges, OffsetValue};
use connect_core::{ConnectError, Result};

use super::{FilePosition, SourceFile};

/// Checks positions, whatever file they are for: it may be one that was read earlier.
pub(super) fn check(
    file: Option<&str>,
    changes: &OffsetChanges<SourceFile, FilePosition>,
) -> Result<Alteration> {
    if file.is_none_or(str::is_empty) {
        return Err(refusal(
            "Offsets cannot be modified if the 'file' configuration is unspecified. This is \
             because stdin is used for input and offsets are not tracked.",
        ));
    }
    for (partition, offset) in changes.stored() {
        let Some(offset) = offset else { continue };
        match offset.get("position") {
            None => {
                return Err(refusal(
                    "Offset objects should either be null or contain the key 'position'",
                ));
            }
            Some(OffsetValue::Integer(position)) if *position < 0 => {
                return Err(refusal(
                    "The value for the 'position' key in the offset should be a non-negative value",
                ));
            }
            Some(OffsetValue::Integer(_)) => {}
            Some(_) => {
                return Err(refusal(
                    "The value for the 'position' key in the offset is expected to be a Long value",
                ));
            }
        }
        if partition.get("filename").is_none() {
            return Err(refusal(
                "Partition objects should contain the key 'filename'",
            ));
        }
    }
    Ok(Alteration::Confirmed)
}

fn refusal(text: &str) -> ConnectError {
    ConnectError::fatal(text)
}
