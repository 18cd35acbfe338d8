//! Which names a topic may have.

const MAX_LEN: usize = 249;

/// Checks a name by itself.
///
/// # Errors
/// A sentence that says what is wrong.
pub(crate) fn check(name: &str) -> Result<(), String> {
    let is_legal = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-');
    if name.is_empty() {
        return Err("the empty string is not allowed".to_owned());
    }
    if name == "." || name == ".." {
        return Err(format!("'{name}' is not allowed"));
    }
    if name.len() > MAX_LEN {
        return Err(format!(
            "the length of '{name}' is longer than the max allowed length {MAX_LEN}"
        ));
    }
    if !name.chars().all(is_legal) {
        return Err(format!(
            "'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' \
             and '-'"
        ));
    }
    Ok(())
}

/// Whether two different names would be the same name of a metric, where a period becomes an
/// underscore.
pub(crate) fn collide(one: &str, other: &str) -> bool {
    let folded = |it: u8| if it == b'.' { b'_' } else { it };
    one != other && one.bytes().map(folded).eq(other.bytes().map(folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_digits_and_three_signs() {
        for name in ["a", "A.b_c-9", "...", &"x".repeat(249)] {
            assert_eq!(check(name), Ok(()));
        }
        for name in ["", ".", "..", "a b", "a/b", "é", &"x".repeat(250)] {
            assert!(check(name).is_err(), "{name}");
        }
    }

    #[test]
    fn periods_and_underscores_are_the_same_to_metrics() {
        assert!(collide("a.b", "a_b"));
        assert!(!collide("a.b", "a.b"));
        assert!(!collide("a.b", "a-b"));
    }
}
