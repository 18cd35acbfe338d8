//! What an opening parenthesis begins.

use super::brackets::open;
use super::escapes::escape;

/// How many groups have numbers.
///
/// # Errors
/// When two have one name.
pub(super) fn count(regex: &str) -> Result<u32, &'static str> {
    let mut names: Vec<&str> = Vec::new();
    let mut groups = 0;
    let mut rest = regex;
    let mut open_classes = 0_usize;
    while let Some(next) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix(r"\Q") {
            rest = quoted.split_once(r"\E").map_or("", |(_, after)| after);
            continue;
        }
        match next {
            '[' => open_classes += 1,
            ']' => open_classes = open_classes.saturating_sub(1),
            '(' if open_classes == 0 => match name(rest) {
                Some(name) if names.contains(&name) => {
                    return Err("Named capturing group is already defined");
                }
                Some(name) => {
                    names.push(name);
                    groups += 1;
                }
                None => groups += u32::from(!rest.starts_with("(?")),
            },
            _ => {}
        }
        rest = match next {
            '\\' => escape(rest).1,
            '[' => open(rest).1,
            other => rest.strip_prefix(other).unwrap_or_default(),
        };
    }
    Ok(groups)
}

/// The name of the group that begins here.
fn name(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix("(?<")?.split_once('>')?;
    name.starts_with(|it: char| it.is_ascii_alphabetic())
        .then_some(name)
}

/// The beginning of a group, or flags, as our engine writes them, and what follows. Flags say
/// whether comments follow.
///
/// # Errors
/// What the reference says of it.
pub(super) fn begin<'a>(
    text: &'a str,
    has_comments: &mut bool,
) -> Result<(String, &'a str), &'static str> {
    let plain = |begin: &str| {
        let after = text.get(begin.len()..).unwrap_or_default();
        Ok((begin.to_owned(), after))
    };
    let Some(special) = text.strip_prefix("(?") else {
        return plain("(");
    };
    if let Some(named) = special.strip_prefix('<') {
        let may_follow = |it: char| it.is_ascii_alphabetic() || it == '=' || it == '!';
        return match named.starts_with(may_follow) {
            true => plain("(?<"),
            false => Err("capturing group name does not start with a Latin letter"),
        };
    }
    match special.starts_with([':', '=', '!', '>']) {
        true => plain("(?"),
        false => flags(special, has_comments),
    }
}

/// Flags up to a colon or a parenthesis: those of case and lines are the engine's, and the others
/// are about characters beyond ASCII.
fn flags<'a>(text: &'a str, has_comments: &mut bool) -> Result<(String, &'a str), &'static str> {
    let end = text.find([':', ')']).ok_or("Unknown inline modifier")?;
    let (letters, after) = text.split_at(end);
    if !letters.chars().all(|it| "idmsuxU-".contains(it)) {
        return Err("Unknown inline modifier");
    }
    let (on, off) = letters.split_once('-').unwrap_or((letters, ""));
    if after.starts_with(')') && letters.contains('x') {
        *has_comments = on.contains('x');
    }
    let kept = |letters: &str| -> String {
        let known = letters.chars().filter(|it| "imsx".contains(*it));
        known.collect()
    };
    let mut made = kept(on);
    let off = kept(off);
    if !off.is_empty() {
        made = format!("{made}-{off}");
    }
    Ok(match after.strip_prefix(')') {
        Some(after) if made.is_empty() => (made, after),
        Some(after) => (format!("(?{made})"), after),
        None => (format!("(?{made}"), after),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_counted_where_they_are_some() {
        assert_eq!(count(r"(a)(?<n>b)(?:c)\([(]\Q(\E(?i)"), Ok(2));
        assert_eq!(
            count("(?<n>a)(?<n>b)"),
            Err("Named capturing group is already defined")
        );
    }

    #[test]
    fn flags_of_the_reference_are_known() {
        let begun = |text| begin(text, &mut false).map(|(made, after)| format!("{made} {after}"));

        assert_eq!(begun("(?i)a"), Ok("(?i) a".to_owned()));
        assert_eq!(begun("(?iu-d:a)"), Ok("(?i :a)".to_owned()));
        assert_eq!(begun("(?s-i)a"), Ok("(?s-i) a".to_owned()));
        assert_eq!(begun("(?U)a"), Ok(" a".to_owned()));
        for unknown in ["(?P<n>a)", "(?#a)", "(?R)", "(?'n'a)", "(?(1)a)", "(?"] {
            assert_eq!(begun(unknown), Err("Unknown inline modifier"), "{unknown}");
        }
    }
}
