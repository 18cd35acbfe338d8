//! Query parameters, as lenient as the reference reads them.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

/// All parameters of a request, in order.
pub(super) struct QueryParams(Vec<(String, String)>);

impl QueryParams {
    /// The first value of a parameter.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a parameter.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let wanted = self.0.iter().filter(move |(key, _)| key == name);
        wanted.map(|(_, value)| value.as_str())
    }

    /// Whether a parameter says `true`, in any case; whatever else it says is false.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.first(name)
            .map(|value| value.eq_ignore_ascii_case("true"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for QueryParams {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        Ok(Self(query.map(|Query(pairs)| pairs).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Uri;

    use super::*;

    fn params(query: &str) -> QueryParams {
        let uri: Uri = format!("/?{query}").parse().unwrap();
        QueryParams(Query::try_from_uri(&uri).unwrap().0)
    }

    #[test]
    fn only_true_is_true() {
        assert_eq!(params("a=TRUE&a=false").flag("a"), Some(true));
        for text in ["a=yes", "a=1", "a=", "a", "a=%20true"] {
            assert_eq!(params(text).flag("a"), Some(false), "{text}");
        }
        assert_eq!(params("b=true").flag("a"), None);
    }

    #[test]
    fn a_parameter_may_be_repeated() {
        let params = params("expand=info&x=1&expand=status&expand");

        assert_eq!(
            params.all("expand").collect::<Vec<_>>(),
            ["info", "status", ""]
        );
        assert_eq!(params.first("expand"), Some("info"));
    }
}
