//! The keys as a table in the documentation of the type.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, Ident};

use crate::config::model::{Field, FieldKind, Key, Model};
use crate::config::tagged::Tagged;
use crate::literal::text_of;

const HEAD: &str =
    "# Configuration keys\n\n| key | type | default | |\n| --- | --- | --- | --- |\n";

pub(super) fn of_struct(model: &Model) -> TokenStream {
    let rows: String = model.fields.iter().map(|it| row(it, "")).collect();
    document(&model.ident, &rows)
}

pub(super) fn of_tagged(model: &Tagged) -> TokenStream {
    let tag = model
        .tag
        .as_ref()
        .map(syn::LitStr::value)
        .unwrap_or_default();
    let names: Vec<_> = model
        .variants
        .iter()
        .map(|it| code(&it.name.value()))
        .collect();
    let default = model.default.as_ref().map(|it| code(&it.value()));
    let first = line(
        &code(&tag),
        &names.join(" "),
        default.as_deref().unwrap_or("required"),
        &model.documentation,
    );
    let rows = model.variants.iter().flat_map(|variant| {
        let condition = format!("If {} is {}: ", code(&tag), code(&variant.name.value()));
        let fields = variant.model.fields.iter();
        fields.map(move |it| row(it, &condition))
    });
    document(&model.ident, &rows.fold(first, |rows, row| rows + &row))
}

/// A derive cannot add to the documentation of its type. What it can do is write an `impl`, and
/// rustdoc shows the documentation of that on the page of the type.
fn document(ident: &Ident, rows: &str) -> TokenStream {
    if rows.is_empty() {
        return TokenStream::new();
    }
    let table = format!("{HEAD}{rows}");
    quote! {
        #[automatically_derived]
        #[doc = #table]
        impl #ident {}
    }
}

fn row(field: &Field, condition: &str) -> String {
    let ty = code(&field.type_text());
    match &field.kind {
        FieldKind::Key(key) => {
            let documentation = format!("{condition}{}", key.documentation);
            line(&code(&key.name.value()), &ty, &default(key), &documentation)
        }
        FieldKind::Flattened(_) => line("", &ty, "", &format!("{condition}The keys of {ty}.")),
        FieldKind::Nested(below) => {
            let prefix = below.prefix.value();
            let documentation = match below.documentation.as_str() {
                "" => format!("{condition}The keys of {ty}, below {}.", code(&prefix)),
                documentation => format!("{condition}{documentation}"),
            };
            line(&code(&format!("{prefix}*")), &ty, "", &documentation)
        }
        FieldKind::Rest(below) => {
            let documentation = format!("{condition}{}", below.documentation);
            line(
                &code(&format!("{}*", below.prefix.value())),
                "",
                "",
                &documentation,
            )
        }
    }
}

fn default(key: &Key) -> String {
    match &key.default {
        Some(default) => code(&written(default)),
        None if key.required_if.is_some() => "sometimes required".to_owned(),
        None if key.shape.optional => String::new(),
        None => "required".to_owned(),
    }
}

/// A default as its author wrote it.
fn written(default: &Expr) -> String {
    match text_of(default) {
        Some(text) => text.value(),
        None => default
            .to_token_stream()
            .to_string()
            .replace(" :: ", "::")
            .replace(" (", "("),
    }
}

/// A row of the table with the first paragraph of the documentation.
fn line(key: &str, ty: &str, default: &str, documentation: &str) -> String {
    let summary = documentation.split("\n\n").next().unwrap_or_default();
    let cells = [key, ty, default, summary].map(|it| it.replace('|', "\\|"));
    format!("| {} |\n", cells.join(" | "))
}

fn code(text: &str) -> String {
    match text {
        "" => "empty".to_owned(),
        text if text.contains('`') => format!("`` {text} ``"),
        text => format!("`{text}`"),
    }
}
