//! The accumulator of mistakes: all of them are shown in one compilation.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// Mistakes in the input of a macro.
#[derive(Default)]
pub(crate) struct Diagnostics {
    errors: Option<syn::Error>,
}

impl Diagnostics {
    /// A mistake; all of `culprit` is underlined.
    pub(crate) fn error(&mut self, culprit: &dyn ToTokens, message: impl Display) {
        self.add(syn::Error::new_spanned(culprit.to_token_stream(), message));
    }

    /// A mistake where there is only a place left.
    pub(crate) fn error_at(&mut self, place: Span, message: impl Display) {
        self.add(syn::Error::new(place, message));
    }

    /// The value, unless the attributes could not be read.
    pub(crate) fn take<T>(&mut self, outcome: darling::Result<T>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(errors) => {
                for error in errors.flatten() {
                    self.error_at(error.span(), reword(&error));
                }
                None
            }
        }
    }

    /// Whether there is no mistake so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_none()
    }

    /// Ends the collection.
    ///
    /// # Errors
    /// What makes the compiler show every mistake.
    pub(crate) fn finish(self) -> Result<(), TokenStream> {
        match self.errors {
            None => Ok(()),
            Some(errors) => Err(errors.into_compile_error()),
        }
    }

    fn add(&mut self, error: syn::Error) {
        match &mut self.errors {
            None => self.errors = Some(error),
            Some(errors) => errors.combine(error),
        }
    }
}

/// Darling's words in the style of our own messages.
fn reword(error: &darling::Error) -> String {
    // The place is shown by the caret, so the path in the text is dropped.
    let text = error.to_string();
    let text = text.split(" at ").next().unwrap_or(&text);
    let starts = [
        ("Unknown field: ", "unknown option "),
        ("Unknown field ", "unknown option "),
        ("Duplicate field ", "duplicate option "),
        ("Missing field ", "missing option "),
        (
            "Unexpected type ",
            "this option cannot have a value of type ",
        ),
        (
            "Unexpected meta-item format `path`",
            "this option needs a value",
        ),
        (
            "Unexpected meta-item format `word`",
            "this option needs a value",
        ),
        (
            "Unexpected meta-item format ",
            "this option cannot be written as a ",
        ),
    ];
    let reworded = starts
        .into_iter()
        .find_map(|(theirs, ours)| Some(format!("{ours}{}", text.strip_prefix(theirs)?)));
    let reworded = reworded.unwrap_or_else(|| text.to_owned());
    reworded.replace(". Available values: ", "; known are ")
}
