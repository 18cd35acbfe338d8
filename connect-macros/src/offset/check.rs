//! Every rule about the meaning of a partition or offset. Each function is one rule.

use std::collections::HashMap;

use super::input::Model;
use crate::diag::Diagnostics;

pub(super) fn all(model: &Model, diag: &mut Diagnostics) {
    keys_differ(model, diag);
}

fn keys_differ(model: &Model, diag: &mut Diagnostics) {
    let mut owners = HashMap::new();
    for field in &model.fields {
        let key = field.key.value();
        if let Some(owner) = owners.insert(key.clone(), &field.ident) {
            let place = field.key.span();
            diag.error_at(
                place,
                format!("key `{key}` is already used by field `{owner}`"),
            );
        }
    }
}
