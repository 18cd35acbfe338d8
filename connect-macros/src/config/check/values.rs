//! Every rule about values that are written in attributes. Each function is one rule.
//!
//! The macro knows a type by its name alone, so literals of other types are left to the compiler.

use regex::Regex;
use syn::{Expr, LitStr};

use crate::config::model::{Key, Range, Unit};
use crate::config::shape::Leaf;
use crate::diag::Diagnostics;
use crate::literal::{Number, size, text_of, time};

pub(super) fn all(key: &Key, diag: &mut Diagnostics) {
    pattern_compiles(key, diag);
    let limits = [key.range.as_ref(), key.length.as_ref()];
    for range in limits.into_iter().flatten() {
        range_is_not_empty(key, range, diag);
    }
    range_bounds_are_values(key, diag);
    default_is_in_range(key, diag);
    for (option, text) in key.sample_texts() {
        if sample_is_a_value(key, option, text, diag) {
            sample_obeys_the_rules(key, option, text, diag);
        }
    }
}

fn pattern_compiles(key: &Key, diag: &mut Diagnostics) {
    let Some(pattern) = &key.matches else {
        return;
    };
    if let Err(error) = Regex::new(&pattern.value()) {
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default();
        let reason = reason.strip_prefix("error: ").unwrap_or(reason);
        diag.error(pattern, format!("invalid regular expression: {reason}"));
    }
}

fn range_is_not_empty(key: &Key, range: &Range, diag: &mut Diagnostics) {
    let bound = |it: &Option<Expr>| it.as_ref().and_then(|it| measure(key, it));
    if let (Some(min), Some(max)) = (bound(&range.min), bound(&range.max))
        && min > max
    {
        diag.error(
            &range.written,
            "this range is empty: its start is greater than its end",
        );
    }
}

fn range_bounds_are_values(key: &Key, diag: &mut Diagnostics) {
    let Some(range) = &key.range else {
        return;
    };
    let bounds = [range.min.as_ref(), range.max.as_ref()];
    for text in bounds.into_iter().flatten().filter_map(text_of) {
        if let Some(problem) = refusal(key, &text.value()) {
            diag.error(text, problem);
        }
    }
}

fn default_is_in_range(key: &Key, diag: &mut Diagnostics) {
    let (Some(default), Some(range)) = (&key.default, &key.range) else {
        return;
    };
    let Some(value) = measure(key, default) else {
        return;
    };
    let bound = |it: &Option<Expr>| it.as_ref().and_then(|it| measure(key, it));
    let is_below = bound(&range.min).is_some_and(|min| value < min);
    let is_above = bound(&range.max).is_some_and(|max| value > max);
    if is_below || is_above {
        let (default_text, range_text) = (plain(default), plain(&range.written));
        diag.error(
            default,
            format!("default `{default_text}` is outside `{range_text}`"),
        );
    }
}

fn sample_is_a_value(key: &Key, option: &str, text: &LitStr, diag: &mut Diagnostics) -> bool {
    let value = text.value();
    if key.shape.leaf == Leaf::Time && key.unit == Unit::None && is_whole_number(&value) {
        let name = key.name.value();
        diag.error(
            text,
            format!(
                "key `{name}` says no unit, so `{value}` could mean anything; name it `{name}.ms` \
                 or write a time such as `5s`"
            ),
        );
        return false;
    }
    let elements = key.elements(&value);
    let problem = elements.iter().find_map(|it| refusal(key, it));
    match problem {
        Some(problem) if matches!(key.shape.leaf, Leaf::Time | Leaf::Size) => {
            diag.error(text, problem);
        }
        Some(problem) => diag.error(text, format!("{option} {problem}")),
        None => return true,
    }
    false
}

fn sample_obeys_the_rules(key: &Key, option: &str, text: &LitStr, diag: &mut Diagnostics) {
    // What the text of an unknown type holds shows when it is read.
    if matches!(key.shape.leaf, Leaf::Plugin | Leaf::Unknown) {
        return;
    }
    let value = text.value();
    let elements = key.elements(&value);
    let words: Vec<_> = key.one_of.iter().map(LitStr::value).collect();
    let pattern = key.matches.as_ref();
    let pattern = pattern.and_then(|it| Regex::new(&format!("^(?:{})$", it.value())).ok());
    for element in &elements {
        if !words.is_empty() && !words.iter().any(|it| it == element) {
            let quoted: Vec<_> = words.iter().map(|it| format!("`{it}`")).collect();
            let list = quoted.join(", ");
            diag.error(text, format!("{option} `{element}` is not one of {list}"));
        }
        if let (Some(regex), Some(pattern)) = (&pattern, &key.matches)
            && !regex.is_match(element)
        {
            let pattern = pattern.value();
            diag.error(
                text,
                format!("{option} `{element}` does not match `{pattern}`"),
            );
        }
    }
    let is_nothing = match key.shape.list {
        true => elements.is_empty(),
        false => value.is_empty(),
    };
    if key.non_empty && is_nothing {
        diag.error(
            text,
            format!("this {option} is empty, which `non_empty` forbids"),
        );
    }
}

/// Why a text is no value of the key's type, as far as the macro knows the type.
fn refusal(key: &Key, text: &str) -> Option<String> {
    let has_unit = key.unit != Unit::None && is_whole_number(text);
    let not_a = |ty: &str| Some(format!("`{text}` is not a valid `{ty}`"));
    match key.shape.leaf {
        Leaf::Integer(min, max) => match text.parse::<i128>() {
            Ok(number) if (min..=max).contains(&number) => None,
            _ => not_a(&key.leaf_text),
        },
        Leaf::Float if text.parse::<f64>().is_err() => not_a("f64"),
        Leaf::Boolean if !matches!(text, "true" | "false") => not_a("bool"),
        Leaf::Time if !has_unit && time(text).is_none() => Some(format!(
            "`{text}` is not a duration; write for example `500ms`, `5s`, `2m` or `1h`"
        )),
        Leaf::Size if !has_unit && size(text).is_none() => Some(format!(
            "`{text}` is not a size; write for example `512KiB` or `1MiB`"
        )),
        Leaf::Float
        | Leaf::Boolean
        | Leaf::Time
        | Leaf::Size
        | Leaf::Text
        | Leaf::Secret
        | Leaf::Plugin
        | Leaf::Unknown => None,
    }
}

fn is_whole_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|it| it.is_ascii_digit())
}

/// The number behind a literal, in one unit for each type; `None` for other expressions.
fn measure(key: &Key, expr: &Expr) -> Option<Number> {
    let Some(text) = text_of(expr) else {
        return Number::of_expr(expr);
    };
    let text = text.value();
    let factor = match key.unit {
        Unit::Millis => 1_000_000,
        Unit::Seconds => 1_000_000_000,
        Unit::Bytes | Unit::None => 1,
    };
    let bare = || text.parse::<i128>().ok();
    let whole = match key.shape.leaf {
        Leaf::Time => time(&text).or_else(|| bare().map(|it| it * factor)),
        Leaf::Size => size(&text).or_else(bare),
        Leaf::Float => return text.parse().ok().map(Number::Float),
        _ => bare(),
    };
    whole.map(Number::Integer)
}

/// The source of an expression, as it was most likely written.
fn plain(tokens: &dyn quote::ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    text.replace(" ..= ", "..=").replace(['"', ' '], "")
}
