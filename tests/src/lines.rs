//! Files of numbered lines: made, appended to, compared.
#![expect(
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a harness reports by failing the test"
)]

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use crate::eventually::eventually;

/// Length of a numbered line, without its end.
pub const LINE_BYTES: usize = 99;
/// What follows the number.
const FILLER: &str =
    "the quick brown fox jumps over the lazy dog, and the lazy dog looks up and goes to sleep";

/// The lines with these numbers, each with its end.
#[must_use]
pub fn numbered(numbers: Range<u64>) -> String {
    let mut text = String::new();
    for number in numbers {
        writeln!(text, "{number:010} {FILLER}").expect("memory takes every line");
    }
    text
}

/// The number of a complete numbered line; `None` for anything else.
#[must_use]
pub fn number(line: &str) -> Option<u64> {
    let (digits, filler) = line.split_once(' ')?;
    let is_whole = digits.len() == 10 && filler == FILLER;
    digits.parse().ok().filter(|_| is_whole)
}

/// Adds text to the end of a file, which is created if it is absent.
pub fn append(path: &Path, text: &str) {
    let file = OpenOptions::new().create(true).append(true).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.unwrap_or_else(|error| panic!("cannot append to {}: {error}", path.display()));
}

/// Waits until a file holds exactly `expected`.
pub async fn wait_for_text(limit: Duration, path: &Path, expected: &str) {
    let what = format!("the expected text in {}", path.display());
    eventually(limit, &what, async || {
        let found = std::fs::read(path).map_err(|error| error.to_string())?;
        difference(expected.as_bytes(), &found).map_or(Ok(()), Err)
    })
    .await;
}

/// Waits until a file has this line.
pub async fn wait_for_line(limit: Duration, path: &Path, line: &str) {
    let what = format!("line {line:?} in {}", path.display());
    eventually(limit, &what, async || {
        let found = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        found
            .lines()
            .any(|it| it == line)
            .then_some(())
            .ok_or(found)
    })
    .await;
}

/// Says where two texts differ first; `None` if they are the same.
#[must_use]
pub fn difference(expected: &[u8], found: &[u8]) -> Option<String> {
    if expected == found {
        return None;
    }
    let is_same = |(left, right): &(&u8, &u8)| left == right;
    let same = expected.iter().zip(found).take_while(is_same).count();
    let line = expected[..same]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1;
    Some(format!(
        "expected {} bytes, found {}; the first difference is in line {line}: expected {:?}, found {:?}",
        expected.len(),
        found.len(),
        line_around(expected, same),
        line_around(found, same),
    ))
}

/// The line of `text` that `position` lies in.
fn line_around(text: &[u8], position: usize) -> String {
    let start = text[..position].iter().rposition(|byte| *byte == b'\n');
    let rest = &text[start.map_or(0, |end| end + 1)..];
    let line = rest.split_inclusive(|byte| *byte == b'\n').next();
    String::from_utf8_lossy(line.unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_lines_have_their_length_and_give_their_number_back() {
        let text = numbered(8..10);
        let lines: Vec<&str> = text.lines().collect();

        assert!(lines.iter().all(|line| line.len() == LINE_BYTES), "{text}");
        assert_eq!(
            lines.iter().map(|line| number(line)).collect::<Vec<_>>(),
            [Some(8), Some(9)]
        );
    }

    #[test]
    fn a_torn_line_has_no_number() {
        let text = numbered(7..8);
        let line = text.trim_end();
        let (start, end) = line.split_at(50);

        for torn in ["", start, end, &format!("{start}{line}")] {
            assert_eq!(number(torn), None, "{torn}");
        }
        assert_eq!(number(line), Some(7));
    }

    #[test]
    fn the_first_difference_is_shown_with_its_line() {
        assert_eq!(difference(b"a\nb\n", b"a\nb\n"), None);

        let difference = difference(b"a\nbc\nd\n", b"a\nbx\nd\n").unwrap();

        assert_eq!(
            difference,
            "expected 7 bytes, found 7; the first difference is in line 2: \
             expected \"bc\\n\", found \"bx\\n\""
        );
    }

    #[test]
    fn a_missing_end_is_a_difference() {
        let difference = difference(b"a\nb\n", b"a\n").unwrap();

        assert!(
            difference.contains("line 2: expected \"b\\n\", found \"\""),
            "{difference}"
        );
    }
}
