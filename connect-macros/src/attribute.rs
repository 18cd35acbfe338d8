//! Forms of attribute options that several macros take.

use darling::ast::NestedMeta;
use darling::{Error, FromMeta};
use syn::{Expr, Ident, Lit, LitStr, Meta};

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

/// Names of fields: `depends_on(host, port)`.
#[derive(Clone, Default)]
pub(crate) struct Names(pub(crate) Vec<Ident>);

impl FromMeta for Names {
    fn from_list(items: &[NestedMeta]) -> darling::Result<Self> {
        let mut errors = Error::accumulator();
        let names = items
            .iter()
            .filter_map(|item| {
                let name = match item {
                    NestedMeta::Meta(Meta::Path(path)) => path.get_ident().cloned(),
                    _ => None,
                };
                if name.is_none() {
                    errors.push(Error::custom("expected the name of a field").with_span(item));
                }
                name
            })
            .collect();
        errors.finish_with(Self(names))
    }
}

/// The value of another field: `required_if(mode = Incrementing)`.
#[derive(Clone)]
pub(crate) struct Condition {
    pub(crate) field: Ident,
    pub(crate) value: Expr,
}

impl FromMeta for Condition {
    fn from_list(items: &[NestedMeta]) -> darling::Result<Self> {
        if let [NestedMeta::Meta(Meta::NameValue(pair))] = items
            && let Some(field) = pair.path.get_ident()
        {
            return Ok(Self {
                field: field.clone(),
                value: pair.value.clone(),
            });
        }
        let form = "write a field and the value that it must have, such as `mode = Incrementing`";
        Err(Error::custom(form))
    }
}

/// Any expression; literal strings stay literal strings.
pub(crate) fn expression(meta: &Meta) -> darling::Result<Option<Expr>> {
    darling::util::parse_expr::preserve_str_literal(meta).map(Some)
}
