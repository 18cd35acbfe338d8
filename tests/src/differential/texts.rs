//! Random texts, mostly such that look like something else.

use super::Chance;

/// Names of fields and of much else.
pub(super) const NAMES: &[&str] = &["a", "b", "c", "id", "ts", "a.b", "\u{e4}", "x y"];

const TEXTS: &[&str] = &[
    "",
    "a",
    "text",
    "true",
    "FALSE",
    "null",
    "0",
    "-1",
    "127",
    "128",
    "40000",
    "2147483648",
    "1.5",
    "-0.0",
    "1e3",
    "NaN",
    "Infinity",
    "99999999999999999999",
    "2024-02-29",
    "2023-02-30",
    "12:30:00.000Z",
    "2024-02-29T12:30:00.123Z",
    "2024-02-29 12:30:00",
    "Thu, 29 Feb 2024",
    "[1,2]",
    "[true,\"a\",null]",
    "{\"a\":1}",
    "{1:{\"b\":[]}}",
    " 7 ",
    "+7",
    "0x10",
    "0x1p3",
    "1f",
    "1e400",
    "-1E-400",
    "\u{661}\u{662}",
    "\u{e4}\u{20ac}",
    "\u{1f600}",
    "e\u{301}",
    "\u{feff}x",
    "quote\"\\\n",
    "\u{0}\u{1f}",
    "\u{7f}\u{85}",
    "</script>",
    "\u{2028}",
    "\u{a0}1",
];

const LETTERS: &[char] = &[
    'a',
    'Z',
    '5',
    '.',
    '-',
    ' ',
    ',',
    ':',
    '[',
    '{',
    ']',
    '}',
    '"',
    '\\',
    '\'',
    '\u{e9}',
    '\u{3b1}',
    '\u{1f4a9}',
];

/// A text, often one that looks like something else.
pub(super) fn text(chance: &mut Chance) -> String {
    match chance.below(20) {
        0..13 => chance.pick(TEXTS).to_owned(),
        13..15 => number(chance),
        15 => moment(chance),
        16 => chance.pick(TEXTS).repeat(1 + chance.below(40)),
        _ => {
            let count = chance.below(14);
            (0..count).map(|_| chance.pick(LETTERS)).collect()
        }
    }
}

/// A number of any size.
pub(super) fn number(chance: &mut Chance) -> String {
    let sign = chance.pick(&["", "", "-", "+"]);
    let digits = |chance: &mut Chance, most: usize| -> String {
        let count = 1 + chance.below(most);
        (0..count)
            .map(|_| chance.pick(&['0', '1', '4', '9']))
            .collect()
    };
    let whole = match chance.percent(15) {
        true => digits(chance, 40),
        false => digits(chance, 10),
    };
    let fraction = match chance.percent(40) {
        true => format!(".{}", digits(chance, 9)),
        false => String::new(),
    };
    let exponent = match chance.percent(20) {
        true => format!(
            "{}{}",
            chance.pick(&["e", "E", "e+", "E-"]),
            digits(chance, 3)
        ),
        false => String::new(),
    };
    format!("{sign}{whole}{fraction}{exponent}")
}

/// A point in time, in one of the forms that are read, more or less.
fn moment(chance: &mut Chance) -> String {
    let part = |chance: &mut Chance, low, high| chance.between(low, high);
    let date = format!(
        "{:04}-{:02}-{:02}",
        part(chance, 0, 9999),
        part(chance, 0, 13),
        part(chance, 0, 32)
    );
    let time = format!(
        "{:02}:{:02}:{:02}.{:03}",
        part(chance, 0, 25),
        part(chance, 0, 61),
        part(chance, 0, 61),
        part(chance, 0, 999)
    );
    match chance.below(4) {
        0 => date,
        1 => format!("{time}Z"),
        2 => format!("{date} {time}"),
        _ => format!("{date}T{time}{}", chance.pick(&["Z", "", "+0100", "x"])),
    }
}
