//! Enums whose variants bring keys of their own: what may be written, and what it means.

use darling::util::Flag;
use darling::{FromDeriveInput, FromVariant};
use syn::{DataEnum, DeriveInput, Fields, Ident, LitStr, Path};

use super::input::{self, GroupInput};
use super::model;
use crate::diag::Diagnostics;
use crate::docs;
use crate::literal::snake_case;
use crate::paths::CratePath;

/// A configuration enum.
pub(super) struct Tagged {
    pub(super) ident: Ident,
    pub(super) krate: CratePath,
    pub(super) documentation: String,
    pub(super) groups: Vec<GroupInput>,
    /// The key that chooses the variant.
    pub(super) tag: Option<LitStr>,
    pub(super) default: Option<LitStr>,
    pub(super) check: Option<Path>,
    pub(super) probe: Option<Path>,
    pub(super) variants: Vec<Variant>,
}

/// One variant.
pub(super) struct Variant {
    pub(super) name: LitStr,
    /// Whether it has keys with names, or none at all.
    pub(super) is_well_formed: bool,
    /// Its fields; the name is that of the variant.
    pub(super) model: model::Model,
}

#[derive(Default, FromDeriveInput)]
#[darling(attributes(config))]
struct EnumOptions {
    #[darling(default)]
    tag: Option<LitStr>,
    #[darling(default)]
    default: Option<LitStr>,
    #[darling(default)]
    prefix: Option<LitStr>,
    #[darling(multiple, rename = "group")]
    groups: Vec<GroupInput>,
    #[darling(default)]
    check: Option<Path>,
    #[darling(default)]
    probe: Option<Path>,
    under_alias: Flag,
    #[darling(default, rename = "crate")]
    krate: Option<Path>,
}

#[derive(FromVariant)]
#[darling(attributes(config))]
struct VariantOptions {
    #[darling(default)]
    name: Option<LitStr>,
}

/// Reads the enum. What cannot be read is reported and left out.
pub(super) fn parse(
    input: &DeriveInput,
    data: &DataEnum,
    diag: &mut Diagnostics,
) -> Option<Tagged> {
    let is_concrete = input::has_no_parameters(input, diag);
    let options = diag.take(EnumOptions::from_derive_input(input));
    let options = options.unwrap_or_default();
    let krate = CratePath::new(options.krate.as_ref(), diag);
    let prefix = options.prefix.as_ref().map(LitStr::value);
    let prefix = prefix.unwrap_or_default();

    let variants = data.variants.iter().filter_map(|variant| {
        let own = diag.take(VariantOptions::from_variant(variant))?;
        let fields = match &variant.fields {
            Fields::Named(fields) => input::fields_of(fields, diag),
            Fields::Unnamed(_) | Fields::Unit => Vec::new(),
        };
        let scope = format!("{}_", variant.ident.to_string().to_uppercase());
        let name = || LitStr::new(&snake_case(&variant.ident), variant.ident.span());
        Some(Variant {
            name: own.name.unwrap_or_else(name),
            is_well_formed: !matches!(variant.fields, Fields::Unnamed(_)),
            model: model::Model {
                ident: variant.ident.clone(),
                visibility: input.vis.clone(),
                krate: krate.clone(),
                documentation: docs::text_of(&variant.attrs),
                groups: options.groups.clone(),
                check: None,
                probe: None,
                is_under_alias: options.under_alias.is_present(),
                fields: model::lower_fields(fields, &prefix, &scope, diag),
            },
        })
    });
    let variants = variants.collect();
    let tag = options.tag.as_ref();
    let tag = tag.map(|it| LitStr::new(&format!("{prefix}{}", it.value()), it.span()));
    is_concrete.then(|| Tagged {
        ident: input.ident.clone(),
        krate,
        documentation: docs::text_of(&input.attrs),
        groups: options.groups,
        tag,
        default: options.default,
        check: options.check,
        probe: options.probe,
        variants,
    })
}
