//! Random regular expressions, patterns of dates and paths to fields.

use super::Chance;
use super::texts::NAMES;

const REGEXES: &[&str] = &[
    "(.*)",
    "test",
    "(\\w+)-(\\d+)",
    "([a-z]).*",
    "(?<n>[^.]+)\\..*",
    "a|b",
    "[a-z&&[^b]]+",
    "(x)?_(y)",
    "(?i)TEST",
    ".*(?=-)",
    "(.)\\1.*",
    "\\p{Alpha}+",
    "\\Qa.b\\E.*",
    "(?:a|ab)(?:c|bcd)?",
    "",
];
const BROKEN: &[&str] = &[
    "(",
    "[",
    "*",
    "a)",
    "(?<n",
    "\\",
    "a{2,1}",
    "[b-a]",
    "(?<1>a)",
    "\\k<n>",
    "x{",
    "++",
    "[5-\\w]",
    "[a-\\p{L}]",
    "[\\b]",
];
const PIECES: &[&str] = &[
    "a",
    "b",
    "t",
    "e",
    "-",
    "_",
    "\\.",
    ".",
    "\\w",
    "\\d",
    "\\S",
    "[a-e]",
    "[]t-]",
    "[^]]",
    "[^-]",
    "[\\w.]",
    "2",
    "\u{e4}",
    "[\\d-e]",
    "[+--]",
    "[a\\-t]",
    "[t-[e]]",
    "[\\Qa-t\\E]",
];
const QUANTIFIERS: &[&str] = &[
    "", "", "", "*", "+", "?", "*?", "+?", "{2}", "{1,3}", "*+", "??",
];

/// A regular expression, a few of them broken.
pub(super) fn regex(chance: &mut Chance) -> String {
    match chance.below(100) {
        0..40 => chance.pick(REGEXES).to_owned(),
        40..44 => chance.pick(BROKEN).to_owned(),
        _ => alternatives(chance, 2),
    }
}

fn alternatives(chance: &mut Chance, depth: usize) -> String {
    let count = if chance.percent(25) { 2 } else { 1 };
    let branches: Vec<String> = (0..count).map(|_| sequence(chance, depth)).collect();
    branches.join("|")
}

fn sequence(chance: &mut Chance, depth: usize) -> String {
    let count = 1 + chance.below(5);
    (0..count)
        .map(|_| {
            let inner = depth > 0 && chance.percent(30);
            let open = chance.pick(&["(", "(", "(?:", "(?=", "(?!"]);
            let atom = match inner {
                true => format!("{open}{})", alternatives(chance, depth - 1)),
                false => chance.pick(PIECES).to_owned(),
            };
            format!("{atom}{}", chance.pick(QUANTIFIERS))
        })
        .collect()
}

/// What takes the place of a match.
pub(super) fn replacement(chance: &mut Chance) -> &'static str {
    chance.pick(&[
        "$1", "$0x", "\\$1", "${n}", "a$2b", "plain", "$9", "$", "", "$12", "${n", "\\", "${}",
        "$0$0", "\u{e4}",
    ])
}

/// Patterns of dates.
const DATES: &[&str] = &[
    "yyyyMMdd",
    "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
    "yyyy-MM-dd HH:mm:ss",
    "EEE, d MMM yyyy",
    "hh:mm a",
    "yy/M/d",
    "DDD",
    concat!("yyyy-MM-dd'T'HH:mm:ss", "XX", "X"),
    "",
    "QQ",
    "'open",
    "YYYY'w'ww",
];

/// A pattern of dates, some of them broken.
pub(super) fn date_pattern(chance: &mut Chance) -> String {
    if chance.percent(60) {
        return chance.pick(DATES).to_owned();
    }
    let letters: Vec<char> = "GyYMLwWDdFEuaHkKhmsSzZX".chars().collect();
    let count = 1 + chance.below(6);
    (0..count)
        .map(|_| {
            let letter = chance.pick(&letters).to_string();
            let most = if letter == "X" { 3 } else { 5 };
            let separator = chance.pick(&["", "-", " ", ":", "'at'", "''", ",", "\u{e4}"]);
            format!("{}{separator}", letter.repeat(1 + chance.below(most)))
        })
        .collect()
}

/// A text in the form of a pattern of dates, more or less.
pub(super) fn date_text(chance: &mut Chance, pattern: &str) -> String {
    let mut text = String::new();
    let mut is_quoted = false;
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' if letters.next_if_eq(&'\'').is_some() => text.push('\''),
            '\'' => is_quoted = !is_quoted,
            letter if letter.is_ascii_alphabetic() && !is_quoted => {
                let mut count = 1;
                while letters.next_if_eq(&letter).is_some() {
                    count += 1;
                }
                text.push_str(&date_field(chance, letter, count));
            }
            other => text.push(other),
        }
    }
    text
}

fn date_field(chance: &mut Chance, letter: char, count: usize) -> String {
    let words: &[&str] = match letter {
        'E' => &["Tue", "Sunday", "sat"],
        'a' => &["AM", "pm"],
        'G' => &["AD", "bc", "Before Christ"],
        'M' if count > 2 => &["Feb", "september", "May"],
        'L' if count > 2 => &["Mar", "December"],
        'z' => &["UTC", "GMT", "GMT+1:30", "-0230", "+0100"],
        'Z' => &["+0100", "-2359", "GMT-11:00", "+0"],
        'X' => &["Z", "+01", "+0130", "-01:30"],
        _ => &[],
    };
    if !words.is_empty() {
        return chance.pick(words).to_owned();
    }
    match chance.below(20) {
        0 => chance
            .pick(&["-3", " 4", "1E2", "\u{661}", "NaN", "99999999999", "+1", ""])
            .to_owned(),
        1 => chance.below(100).to_string(),
        _ => (0..count).map(|_| chance.below(10).to_string()).collect(),
    }
}

/// The path to a field.
pub(super) fn path(chance: &mut Chance) -> String {
    match chance.below(100) {
        0..50 => chance.pick(NAMES).to_owned(),
        50..75 => format!("{}.{}", chance.pick(NAMES), chance.pick(NAMES)),
        75..85 => format!("`{}`", chance.pick(NAMES)),
        _ => {
            let parts = ["a", "b", "c", ".", "`", "\\", "`.", ".`", "\\`"];
            let count = 1 + chance.below(6);
            (0..count).map(|_| chance.pick(&parts)).collect()
        }
    }
}
