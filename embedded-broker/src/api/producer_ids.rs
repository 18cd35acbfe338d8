//! `InitProducerId`: gives producers the id that makes repeated batches recognisable, and fences off
//! the former producers of a transactional id.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{InitProducerIdRequest, InitProducerIdResponse, ProducerId};

use super::Call;
use crate::node::now_ms;
use crate::transactions::{self, Identity};
use crate::wire::shape::{Field, I16, I32, I64, TEXT};

pub(super) const SHAPE: &[Field] = &[TEXT, I32, I64.since(3), I16.since(3)];

/// Clients before this version know no `PRODUCER_FENCED`.
const KNOWS_FENCED: i16 = 4;

pub(super) fn answer(call: &Call<'_>, request: &InitProducerIdRequest) -> InitProducerIdResponse {
    let given = match &request.transactional_id {
        None => idempotent(call, request),
        Some(id) => transactional(call, id, request),
    };
    match given {
        Ok(identity) => InitProducerIdResponse::default()
            .with_producer_id(ProducerId(identity.producer_id))
            .with_producer_epoch(identity.epoch),
        Err(error) => {
            let error = match error {
                ResponseError::ProducerFenced if call.version < KNOWS_FENCED => {
                    ResponseError::InvalidProducerEpoch
                }
                other => other,
            };
            InitProducerIdResponse::default()
                .with_error_code(error.code())
                .with_producer_id(ProducerId(-1))
                .with_producer_epoch(-1)
        }
    }
}

/// Who the client says it is.
fn claimed(call: &Call<'_>, request: &InitProducerIdRequest) -> Option<Identity> {
    let claims = call.version >= 3 && request.producer_id.0 >= 0;
    claims.then_some(Identity {
        producer_id: request.producer_id.0,
        epoch: request.producer_epoch,
    })
}

fn idempotent(call: &Call<'_>, request: &InitProducerIdRequest) -> Result<Identity, ResponseError> {
    if let Some(next) = claimed(call, request).and_then(Identity::next) {
        return Ok(next);
    }
    let producer_id = call.node.topics.borrow_mut().new_producer_id();
    let producer_id = producer_id.map_err(|refusal| refusal.error)?;
    Ok(Identity {
        producer_id,
        epoch: 0,
    })
}

fn transactional(
    call: &Call<'_>,
    id: &str,
    request: &InitProducerIdRequest,
) -> Result<Identity, ResponseError> {
    let node = call.node;
    let claimed = claimed(call, request);
    let timeout_ms = request.transaction_timeout_ms;
    node.transactions
        .borrow()
        .check_init(id, timeout_ms, claimed)?;
    transactions::fence(node, id).map_err(|refusal| refusal.error)?;
    let mut transactions = node.transactions.borrow_mut();
    let new_producer_id = || node.topics.borrow_mut().new_producer_id();
    let given = transactions.init(id, timeout_ms, claimed, new_producer_id, now_ms());
    given.map_err(|refusal| refusal.error)
}
