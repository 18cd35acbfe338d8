//! Pieces of text that all forms of a reference share.

/// How a value is set apart from the words around it.
pub(super) type Quote = fn(&str) -> String;

/// As code of Markdown.
pub(super) fn code(text: &str) -> String {
    match text.contains('`') {
        true => format!("`` {text} ``"),
        false => format!("`{text}`"),
    }
}

/// As it is.
pub(super) fn plain(text: &str) -> String {
    text.to_owned()
}

pub(super) fn first_paragraph(documentation: &str) -> &str {
    documentation
        .split("\n\n")
        .next()
        .unwrap_or_default()
        .trim()
}

/// The words of a paragraph in lines that are not much longer than `width`.
pub(super) fn wrap(paragraph: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in paragraph.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A camel-case name as words in lower case.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_after_lower = false;
    for letter in name.chars() {
        let starts_word = letter.is_uppercase() && is_after_lower || words.is_empty();
        is_after_lower = !letter.is_uppercase();
        let lower = letter.to_lowercase();
        match words.last_mut() {
            Some(word) if !starts_word => word.extend(lower),
            _ => words.push(lower.collect()),
        }
    }
    words
}

/// A camel-case name with a small first word.
pub(super) fn camel(name: &str) -> String {
    let mut words = words(name).into_iter();
    let first = words.next().unwrap_or_default();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        let capital = letters.next().into_iter().flat_map(char::to_uppercase);
        name + &capital.chain(letters).collect::<String>()
    })
}
