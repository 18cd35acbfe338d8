//! Forms of attribute options that several macros take.

use darling::ast::NestedMeta;
use darling::{Error, FromMeta};
use syn::{Expr, Lit, LitStr};

/// A bare word, as in `importance = high`.
#[derive(Clone)]
pub(crate) struct Word {
    /// The word; empty when something else was written.
    pub(crate) text: String,
    /// What was written.
    pub(crate) written: Expr,
}

impl FromMeta for Word {
    fn from_expr(expr: &Expr) -> darling::Result<Self> {
        let text = match expr {
            Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
            _ => None,
        };
        Ok(Self {
            text: text.unwrap_or_default(),
            written: expr.clone(),
        })
    }
}

/// One or several texts, as in `alias("a", "b")` or `alias = "a"`.
#[derive(Clone, Default)]
pub(crate) struct Texts(pub(crate) Vec<LitStr>);

impl FromMeta for Texts {
    fn from_list(items: &[NestedMeta]) -> darling::Result<Self> {
        let mut errors = Error::accumulator();
        let texts = items
            .iter()
            .filter_map(|item| match item {
                NestedMeta::Lit(Lit::Str(text)) => Some(text.clone()),
                other => {
                    errors.push(Error::custom("expected a literal string").with_span(other));
                    None
                }
            })
            .collect();
        errors.finish_with(Self(texts))
    }

    fn from_expr(expr: &Expr) -> darling::Result<Self> {
        LitStr::from_expr(expr).map(|it| Self(vec![it]))
    }
}

/// A literal string first, then named options: `deprecated_alias("old", since = "0.2")`.
#[derive(Clone)]
pub(crate) struct DeprecatedAlias {
    pub(crate) name: LitStr,
    pub(crate) since: LitStr,
}

impl FromMeta for DeprecatedAlias {
    fn from_list(items: &[NestedMeta]) -> darling::Result<Self> {
        const FORM: &str = "write `deprecated_alias(\"old.name\", since = \"0.2\")`";
        match items {
            [NestedMeta::Lit(Lit::Str(name)), NestedMeta::Meta(since)]
                if since.path().is_ident("since") =>
            {
                Ok(Self {
                    name: name.clone(),
                    since: LitStr::from_meta(since)?,
                })
            }
            _ => Err(Error::custom(FORM)),
        }
    }
}

/// Any expression; literal strings stay literal strings.
pub(crate) fn expression(meta: &syn::Meta) -> darling::Result<Option<Expr>> {
    darling::util::parse_expr::preserve_str_literal(meta).map(Some)
}
