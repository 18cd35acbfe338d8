//! The word that somebody may have meant.

/// The candidate that is written most like a word, if there is one that is hardly different.
///
/// ```
/// use connect_core::config::nearest;
///
/// assert_eq!(nearest("poll.intervall.ms", ["poll.interval.ms", "topic"]), Some("poll.interval.ms"));
/// assert_eq!(nearest("password", ["topic"]), None);
/// ```
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A third of the letters may be wrong; with more, the hint would be a guess.
    let most_mistakes = (word.chars().count() / 3).max(1);
    let word = word.to_lowercase();
    let mistakes = |it: &str| strsim::damerau_levenshtein(&word, &it.to_lowercase());
    let candidates = candidates.into_iter().map(|it| (mistakes(it), it));
    let (mistakes, nearest) = candidates.min_by_key(|(mistakes, _)| *mistakes)?;
    (mistakes <= most_mistakes).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: Option<&str>) {
        assert_eq!(nearest(word, ["mode", "topic", "topic.prefix"]), expected);
    }

    #[test]
    fn few_mistakes_are_guessed() {
        check("topci", Some("topic"));
        check("Topic", Some("topic"));
        check("topicprefix", Some("topic.prefix"));
        check("moed", Some("mode"));
    }

    #[test]
    fn other_words_are_not() {
        check("tables", None);
        check("", None);
        assert_eq!(nearest("a", []), None);
    }
}
