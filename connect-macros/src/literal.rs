//! Values that are written as text in attributes: times, sizes, names, versions.

use syn::{Expr, ExprLit, ExprUnary, Ident, Lit, LitStr, UnOp};

/// A number that can be compared while the macro runs.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) enum Number {
    /// A whole number.
    Integer(i128),
    /// A number with a fraction.
    Float(f64),
}

impl Number {
    /// The number that a literal expression stands for.
    pub(crate) fn of_expr(expr: &Expr) -> Option<Self> {
        match ungrouped(expr) {
            Expr::Lit(ExprLit { lit, .. }) => match lit {
                Lit::Int(int) => int.base10_parse().ok().map(Self::Integer),
                Lit::Float(float) => float.base10_parse().ok().map(Self::Float),
                _ => None,
            },
            Expr::Unary(ExprUnary {
                op: UnOp::Neg(_),
                expr,
                ..
            }) => match Self::of_expr(expr)? {
                Self::Integer(number) => Some(Self::Integer(-number)),
                Self::Float(number) => Some(Self::Float(-number)),
            },
            _ => None,
        }
    }
}

/// Without the invisible brackets around what came out of a declarative macro.
pub(crate) fn ungrouped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => ungrouped(&group.expr),
        other => other,
    }
}

/// The text of a literal string; `None` for every other expression.
pub(crate) fn text_of(expr: &Expr) -> Option<&LitStr> {
    match ungrouped(expr) {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text),
        _ => None,
    }
}

/// Units of time, in nanoseconds.
const TIMES: [(&str, i128); 7] = [
    ("ns", 1),
    ("us", 1000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Units of size, in bytes.
const SIZES: [(&str, i128); 5] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// Nanoseconds of a text such as `500ms`.
pub(crate) fn time(text: &str) -> Option<i128> {
    with_unit(text, &TIMES)
}

/// Bytes of a text such as `512KiB`.
pub(crate) fn size(text: &str) -> Option<i128> {
    with_unit(text, &SIZES)
}

fn with_unit(text: &str, units: &[(&str, i128)]) -> Option<i128> {
    let (digits, unit) = text.split_at(text.find(|it: char| !it.is_ascii_digit())?);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    digits.parse::<u64>().ok().map(|it| i128::from(it) * factor)
}

/// The first character that a configuration key must not have.
pub(crate) fn odd_key_character(key: &str) -> Option<char> {
    key.chars()
        .find(|it| !matches!(it, 'a'..='z' | '0'..='9' | '.' | '_' | '-'))
}

/// Whether a text is what users call a plugin: letters, digits and a little punctuation.
pub(crate) fn is_plugin_name(text: &str) -> bool {
    let is_good = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-' | '$');
    text.starts_with(|it: char| it.is_ascii_alphabetic()) && text.chars().all(is_good)
}

/// `ReadCommitted` as `read_committed`.
pub(crate) fn snake_case(ident: &Ident) -> String {
    let mut name = String::new();
    for letter in ident.to_string().chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// ``; did you mean `x`?`` for the known word that is nearest, if one is near.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let nearest = known
        .into_iter()
        .map(|it| (distance(word, it), it))
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((distance, known)) if distance <= word.len().max(known.len()) / 3 => {
            format!("; did you mean `{known}`?")
        }
        _ => String::new(),
    }
}

/// How many characters must be changed, added, taken away or swapped to get from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = match (i, j) {
                (0, cost) | (cost, 0) => cost,
                (i, j) => {
                    let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let best = changed.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                    let swaps = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                    match swaps {
                        true => best.min(rows[i - 2][j - 2] + 1),
                        false => best,
                    }
                }
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn times_and_sizes_need_a_unit() {
        assert_eq!(time("500ms"), Some(500_000_000));
        assert_eq!(time("2 m"), Some(120_000_000_000));
        assert_eq!(size("1MiB"), Some(1 << 20));
        for text in ["5", "5 sec", "s", "1.5s", ""] {
            assert_eq!(time(text), None, "{text}");
        }
        assert_eq!(size("1 mb"), None);
    }

    #[test]
    fn literal_numbers_are_understood() {
        assert_eq!(
            Number::of_expr(&parse_quote!(65_535u32)),
            Some(Number::Integer(65535))
        );
        assert_eq!(
            Number::of_expr(&parse_quote!(-1)),
            Some(Number::Integer(-1))
        );
        assert_eq!(
            Number::of_expr(&parse_quote!(0.5)),
            Some(Number::Float(0.5))
        );
        assert_eq!(Number::of_expr(&parse_quote!(LIMIT)), None);
    }

    #[test]
    fn near_words_are_suggested() {
        let known = ["high", "medium", "low"];

        assert_eq!(did_you_mean("hihg", known), "; did you mean `high`?");
        assert_eq!(did_you_mean("urgent", known), "");
    }
}
