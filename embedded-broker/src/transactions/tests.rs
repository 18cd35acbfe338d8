//! The coordinator by itself: who may do what, and what survives.

use super::*;

const ID: &str = "orders";

struct Fixture {
    dir: tempfile::TempDir,
    transactions: Transactions,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let transactions = Transactions::open(dir.path(), SyncPolicy::AtShutdown).unwrap();
        Self { dir, transactions }
    }

    fn init(&mut self, claimed: Option<Identity>) -> Identity {
        let transactions = &mut self.transactions;
        transactions.check_init(ID, 1_000, claimed).unwrap();
        transactions.init(ID, 1_000, claimed, || Ok(7), 0).unwrap()
    }

    /// Opens the journal again; what is known must be the same.
    fn reopen(&mut self) {
        let again = Transactions::open(self.dir.path(), SyncPolicy::AtShutdown).unwrap();
        assert_eq!(again.by_id, self.transactions.by_id);
        assert_eq!(again.by_producer, self.transactions.by_producer);
        self.transactions = again;
    }

    fn rewrite(&mut self) {
        let facts = story::facts(&self.transactions.by_id);
        self.transactions.journal.rewrite(&facts).unwrap();
    }
}

fn place() -> Place {
    ("topic".to_owned(), 0)
}

fn commit() -> (Place, Committed) {
    let committed = Committed {
        offset: 5,
        leader_epoch: -1,
        metadata: String::new(),
    };
    (place(), committed)
}

#[test]
fn every_init_fences_off_the_one_before() {
    let mut fixture = Fixture::new();
    let first = fixture.init(None);
    let second = fixture.init(None);

    assert_eq!(
        first,
        Identity {
            producer_id: 7,
            epoch: 0
        }
    );
    assert_eq!(
        second,
        Identity {
            producer_id: 7,
            epoch: 1
        }
    );
    let transactions = &fixture.transactions;
    assert_eq!(
        transactions.check(ID, first).unwrap_err(),
        ResponseError::ProducerFenced
    );
    assert!(transactions.check(ID, second).is_ok());
    let stranger = Identity {
        producer_id: 8,
        epoch: 1,
    };
    let unknown = ResponseError::InvalidProducerIdMapping;
    assert_eq!(transactions.check(ID, stranger).unwrap_err(), unknown);
    assert_eq!(transactions.check("other", second).unwrap_err(), unknown);
}

#[test]
fn an_init_that_is_repeated_bumps_once() {
    let mut fixture = Fixture::new();
    let first = fixture.init(None);

    let second = fixture.init(Some(first));
    let again = fixture.init(Some(first));

    assert_eq!((second.epoch, again), (1, second));
    let third = fixture.init(Some(second));
    assert_eq!(third.epoch, 2);
    let late = fixture.transactions.check_init(ID, 1_000, Some(first));
    assert_eq!(late, Err(ResponseError::ProducerFenced));
}

#[test]
fn time_outs_are_limited() {
    let fixture = Fixture::new();
    for timeout in [0, -1, 900_001] {
        let refused = fixture.transactions.check_init(ID, timeout, None);
        assert_eq!(refused, Err(ResponseError::InvalidTransactionTimeout));
    }
    assert_eq!(fixture.transactions.check_init(ID, 900_000, None), Ok(()));
}

#[test]
fn a_transaction_survives_with_all_that_belongs_to_it() {
    let mut fixture = Fixture::new();
    let client = fixture.init(None);
    let transactions = &mut fixture.transactions;
    transactions.add(ID, vec![place()], None, 10).unwrap();
    transactions.add(ID, Vec::new(), Some("group"), 20).unwrap();
    transactions
        .add_offsets(ID, "group", vec![commit()])
        .unwrap();

    fixture.reopen();
    fixture.rewrite();
    fixture.reopen();

    let transactions = &mut fixture.transactions;
    assert_eq!(transactions.check_write(client, &place()), Ok(()));
    assert!(transactions.is_unstable("group", &place()));
    assert_eq!(transactions.next_deadline(), Some(1_010));
    assert_eq!(transactions.overdue(1_009), [""; 0]);
    assert_eq!(transactions.overdue(1_010), [ID]);
    for fact in [
        Fact::Ending {
            id: ID.to_owned(),
            epoch: 0,
            outcome: Outcome::Commit,
            at: 30,
        },
        Fact::Ended { id: ID.to_owned() },
    ] {
        fixture.transactions.record(fact).unwrap();
        fixture.reopen();
        fixture.rewrite();
        fixture.reopen();
    }
    let transactions = &fixture.transactions;
    assert_eq!(
        transactions.get(ID).unwrap().state,
        State::Ended(Outcome::Commit)
    );
    let over = transactions.check_write(client, &place());
    assert_eq!(over, Err(ResponseError::InvalidTxnState));
    assert!(!transactions.is_unstable("group", &place()));
}

#[test]
fn the_last_epoch_is_followed_by_a_new_producer() {
    let mut fixture = Fixture::new();
    fixture.init(None);
    fixture
        .transactions
        .by_id
        .get_mut(ID)
        .unwrap()
        .identity
        .epoch = i16::MAX - 1;

    let next = fixture.transactions.init(ID, 1_000, None, || Ok(9), 0);

    assert_eq!(
        next.unwrap(),
        Identity {
            producer_id: 9,
            epoch: 0
        }
    );
}

#[test]
fn ids_that_are_not_used_are_forgotten() {
    let mut fixture = Fixture::new();
    fixture.init(None);

    fixture
        .transactions
        .forget_unused(FORGOTTEN_AFTER_MS)
        .unwrap();
    assert!(fixture.transactions.get(ID).is_some());
    fixture
        .transactions
        .forget_unused(FORGOTTEN_AFTER_MS + 1)
        .unwrap();

    fixture.reopen();
    assert!(fixture.transactions.get(ID).is_none());
}
