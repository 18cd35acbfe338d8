//! What the user may write, and what it means.

use darling::util::Flag;
use darling::{FromDeriveInput, FromVariant};
use syn::{Data, DeriveInput, Fields, Ident, LitStr, Path};

use crate::diag::Diagnostics;
use crate::docs;
use crate::literal::snake_case;
use crate::paths::CratePath;

/// A list of choices.
pub(super) struct Model {
    pub(super) ident: Ident,
    pub(super) krate: CratePath,
    pub(super) any_case: bool,
    pub(super) has_variants: bool,
    pub(super) choices: Vec<Choice>,
}

/// One choice.
pub(super) struct Choice {
    pub(super) ident: Ident,
    pub(super) fields: Fields,
    pub(super) name: LitStr,
    pub(super) documentation: String,
}

#[derive(Default, FromDeriveInput)]
#[darling(attributes(config))]
struct EnumOptions {
    any_case: Flag,
    #[darling(default, rename = "crate")]
    krate: Option<Path>,
}

#[derive(FromVariant)]
#[darling(attributes(config))]
struct VariantOptions {
    #[darling(default)]
    name: Option<LitStr>,
}

/// Reads the enum. Variants whose options cannot be read are reported and left out.
pub(super) fn parse(input: &DeriveInput, diag: &mut Diagnostics) -> Option<Model> {
    let Data::Enum(data) = &input.data else {
        let problem = "`ConfigEnum` needs an enum; its variants become the choices";
        diag.error(&input.ident, problem);
        return None;
    };
    if !input.generics.params.is_empty() {
        let problem = "a list of choices is one concrete type and cannot be generic";
        diag.error(&input.generics, problem);
        return None;
    }
    let options = diag.take(EnumOptions::from_derive_input(input));
    let options = options.unwrap_or_default();
    let choices = data.variants.iter().filter_map(|variant| {
        let options = diag.take(VariantOptions::from_variant(variant))?;
        let name = || LitStr::new(&snake_case(&variant.ident), variant.ident.span());
        Some(Choice {
            ident: variant.ident.clone(),
            fields: variant.fields.clone(),
            name: options.name.unwrap_or_else(name),
            documentation: docs::text_of(&variant.attrs),
        })
    });
    let choices = choices.collect();
    Some(Model {
        ident: input.ident.clone(),
        krate: CratePath::new(options.krate.as_ref(), diag),
        has_variants: !data.variants.is_empty(),
        any_case: options.any_case.is_present(),
        choices,
    })
}
