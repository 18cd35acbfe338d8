//! Transforms and converters make of random data what the reference makes of it: a short version of
//! `./x differential`.

use connect_tests::differential::{compare, subjects};
use connect_tests::kafka::Reference;

const CASES: usize = 400;
const SEED: u64 = 20_260;

#[tokio::test]
async fn random_data_is_treated_as_by_the_reference() {
    let Some(mut reference) = Reference::start().await else {
        return;
    };
    let mut wrong = Vec::new();
    for subject in &subjects() {
        let found = compare(subject, CASES, SEED, &mut reference, 2);
        wrong.extend(found.iter().map(|it| format!("{}: {it}", subject.name)));
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
