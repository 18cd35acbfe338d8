//! Documentation comments as text.

use std::sync::LazyLock;

use regex::Regex;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The text of the `///` comments: lines of a paragraph are joined, paragraphs stay apart. Empty
/// when there is none.
pub(crate) fn text_of(attributes: &[Attribute]) -> String {
    let mut paragraphs: Vec<Vec<String>> = vec![Vec::new()];
    for line in attributes.iter().filter_map(line_of) {
        for line in line.lines() {
            match (line.trim(), paragraphs.last_mut()) {
                ("", _) | (_, None) => paragraphs.push(Vec::new()),
                (line, Some(paragraph)) => paragraph.push(line.to_owned()),
            }
        }
        if line.trim().is_empty() {
            paragraphs.push(Vec::new());
        }
    }
    let paragraphs: Vec<_> = paragraphs
        .into_iter()
        .filter(|it| !it.is_empty())
        .map(|it| it.join(" "))
        .collect();
    without_links(&paragraphs.join("\n\n"))
}

/// Links to items of the program lead nowhere for readers of anything but its own documentation.
fn without_links(text: &str) -> String {
    static LINK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\[(`[^`]+`)\](\([^)]*\))?").expect("the pattern is well-formed")
    });
    LINK.replace_all(text, "$1").into_owned()
}

fn line_of(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    let mut value = &pair.value;
    while let Expr::Group(group) = value {
        value = &group.expr;
    }
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) if pair.path.is_ident("doc") => Some(text.value()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[track_caller]
    fn check(item: &syn::ItemStruct, text: &str) {
        assert_eq!(text_of(&item.attrs), text);
    }

    #[test]
    fn lines_are_joined_and_paragraphs_kept_apart() {
        check(
            &parse_quote! {
                /// One
                /// sentence.
                ///
                /// Another.
                #[derive(Debug)]
                struct A;
            },
            "One sentence.\n\nAnother.",
        );
        check(
            &parse_quote!(
                #[doc = " a\n b\n\n c"]
                struct A;
            ),
            "a b\n\nc",
        );
        check(
            &parse_quote! {
                /// Which fields [`Cast`] converts, see [`Self::new`](Self::new) and `[a-z]`.
                struct A;
            },
            "Which fields `Cast` converts, see `Self::new` and `[a-z]`.",
        );
        check(
            &parse_quote!(
                struct A;
            ),
            "",
        );
    }
}
