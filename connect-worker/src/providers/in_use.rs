//! What all configurations in use refer to, kept out of texts that belong to none of them: the log
//! lines of Kafka's clients and of plugins.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use super::secrets::{Hidden, Secrets};

/// One entry for each configuration that was looked up and is still held by somebody.
static IN_USE: RwLock<Vec<Weak<[Hidden]>>> = RwLock::new(Vec::new());

/// Keeps these out of log lines for as long as somebody holds them.
pub(super) fn register(secrets: &Arc<[Hidden]>) {
    if secrets.is_empty() {
        return;
    }
    let mut in_use = IN_USE.write().unwrap_or_else(PoisonError::into_inner);
    in_use.retain(|it| it.strong_count() > 0);
    in_use.push(Arc::downgrade(secrets));
}

/// The text with references in place of what any configuration in use refers to. Short values stay,
/// because they may be anything else, and so do parts of longer names, such as those of connectors.
#[must_use]
pub fn hide_all(text: &str) -> Cow<'_, str> {
    let mut found: Vec<Hidden> = Vec::new();
    let in_use = IN_USE.read().unwrap_or_else(PoisonError::into_inner);
    for secrets in in_use.iter().filter_map(Weak::upgrade) {
        let told = secrets
            .iter()
            .filter(|it| it.is_distinct() && text.contains(it.text()));
        found.extend(told.map(Hidden::escaped));
    }
    drop(in_use);
    match found.is_empty() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(Secrets::of_all(found).hide_names(text).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_leaves_a_line_of_json_one() {
        let _secrets = Secrets::of("tigerlily-five", r#"${p:C:\a"b}"#);

        let line = hide_all(r#"{"text":"tigerlily-five"}"#);

        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["text"], r#"${p:C:\a"b}"#);
    }

    #[test]
    fn what_is_in_use_is_hidden_wherever_it_stands() {
        let first = Secrets::of("swordfish-one", "${p:one}");
        let second = Secrets::of("swordfish-one-and-two", "${p:two}");
        let short = Secrets::of("sword", "${p:short}");
        let text = "sword swordfish-one:1 user:swordfish-one-and-two@host x-swordfish-one";

        assert_eq!(
            hide_all(text),
            "sword ${p:one}:1 user:${p:two}@host x-swordfish-one"
        );
        drop(first);
        assert_eq!(
            hide_all(text),
            "sword swordfish-one:1 user:${p:two}@host x-swordfish-one"
        );
        assert_eq!(
            hide_all("error\u{1b}[0m=\u{1b}[0mswordfish-one-and-two"),
            "error\u{1b}[0m=\u{1b}[0m${p:two}"
        );
        drop((second, short));
        assert_eq!(hide_all(text), text);
    }
}
