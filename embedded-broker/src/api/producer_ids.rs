//! `InitProducerId`: gives producers the id that makes repeated batches recognisable.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{InitProducerIdRequest, InitProducerIdResponse, ProducerId};

use super::Call;
use crate::wire::shape::{Field, I16, I32, I64, TEXT};

pub(super) const SHAPE: &[Field] = &[TEXT, I32, I64.since(3), I16.since(3)];

pub(super) fn answer(call: &Call<'_>, request: &InitProducerIdRequest) -> InitProducerIdResponse {
    let refused = |error: ResponseError| {
        InitProducerIdResponse::default()
            .with_error_code(error.code())
            .with_producer_id(ProducerId(-1))
            .with_producer_epoch(-1)
    };
    if request.transactional_id.is_some() {
        return refused(ResponseError::InvalidRequest);
    }
    let given = |id: i64, epoch: i16| {
        InitProducerIdResponse::default()
            .with_producer_id(ProducerId(id))
            .with_producer_epoch(epoch)
    };
    let wants_next_epoch = call.version >= 3 && request.producer_id.0 >= 0;
    match request.producer_epoch.checked_add(1) {
        Some(epoch) if wants_next_epoch && epoch < i16::MAX => given(request.producer_id.0, epoch),
        _ => match call.node.topics.borrow_mut().new_producer_id() {
            Ok(id) => given(id, 0),
            Err(refusal) => refused(refusal.error),
        },
    }
}
