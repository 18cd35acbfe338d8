//! What the user may write.

use darling::util::Flag;
use darling::{FromDeriveInput, FromField, FromMeta};
use syn::{
    Data, DeriveInput, Expr, Fields, FieldsNamed, Ident, LitInt, LitStr, Path, Type, Visibility,
};

use crate::attribute::{Condition, DeprecatedAlias, Names, Texts, Word, expression};
use crate::diag::Diagnostics;
use crate::docs;

/// A configuration struct.
pub(super) struct Input {
    pub(super) ident: Ident,
    pub(super) visibility: Visibility,
    pub(super) documentation: String,
    pub(super) options: StructOptions,
    pub(super) fields: Vec<FieldInput>,
}

/// Options of the struct.
#[derive(Default, FromDeriveInput)]
#[darling(attributes(config))]
pub(super) struct StructOptions {
    #[darling(default)]
    pub(super) prefix: Option<LitStr>,
    #[darling(multiple, rename = "group")]
    pub(super) groups: Vec<GroupInput>,
    #[darling(default)]
    pub(super) check: Option<Path>,
    #[darling(default)]
    pub(super) probe: Option<Path>,
    pub(super) under_alias: Flag,
    #[darling(default, rename = "crate")]
    pub(super) krate: Option<Path>,
}

/// `group(id = "...", label = "...")`.
#[derive(Clone, FromMeta)]
pub(super) struct GroupInput {
    pub(super) id: LitStr,
    pub(super) label: LitStr,
}

/// `rest(prefix = "...")`.
#[derive(Clone, FromMeta)]
pub(super) struct RestInput {
    pub(super) prefix: LitStr,
}

/// A field with its options.
pub(super) struct FieldInput {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    pub(super) documentation: String,
    pub(super) options: FieldOptions,
}

/// Options of a field.
#[derive(FromField)]
#[darling(attributes(config))]
pub(super) struct FieldOptions {
    #[darling(default)]
    pub(super) key: Option<LitStr>,
    #[darling(multiple, rename = "alias")]
    pub(super) aliases: Vec<Texts>,
    #[darling(multiple, rename = "deprecated_alias")]
    pub(super) deprecated_aliases: Vec<DeprecatedAlias>,
    #[darling(default)]
    pub(super) importance: Option<Word>,
    #[darling(default)]
    pub(super) group: Option<LitStr>,
    #[darling(default)]
    pub(super) label: Option<LitStr>,
    #[darling(default)]
    pub(super) width: Option<Word>,
    #[darling(default)]
    pub(super) order: Option<LitInt>,
    #[darling(default, with = expression)]
    pub(super) default: Option<Expr>,
    #[darling(default, with = expression)]
    pub(super) range: Option<Expr>,
    #[darling(default, with = expression)]
    pub(super) length: Option<Expr>,
    pub(super) non_empty: Flag,
    #[darling(default)]
    pub(super) matches: Option<LitStr>,
    #[darling(default)]
    pub(super) one_of: Texts,
    #[darling(default)]
    pub(super) validate: Option<Path>,
    #[darling(default)]
    pub(super) recommend: Option<Path>,
    #[darling(default)]
    pub(super) example: Option<LitStr>,
    #[darling(default)]
    pub(super) since: Option<LitStr>,
    pub(super) internal: Flag,
    pub(super) not_secret: Flag,
    pub(super) flatten: Flag,
    pub(super) nested: Flag,
    #[darling(default)]
    pub(super) rest: Option<RestInput>,
    #[darling(default)]
    pub(super) depends_on: Names,
    #[darling(default)]
    pub(super) conflicts_with: Names,
    #[darling(default)]
    pub(super) required_if: Option<Condition>,
    #[darling(default)]
    pub(super) visible_if: Option<Condition>,
}

/// Reads the struct. Fields whose options cannot be read are reported and left out.
pub(super) fn parse(input: &DeriveInput, diag: &mut Diagnostics) -> Option<Input> {
    let is_concrete = has_no_parameters(input, diag);
    let fields = fields_of(named_fields(input, diag)?, diag);
    let options = diag.take(StructOptions::from_derive_input(input));
    is_concrete.then(|| Input {
        ident: input.ident.clone(),
        visibility: input.vis.clone(),
        documentation: docs::text_of(&input.attrs),
        options: options.unwrap_or_default(),
        fields,
    })
}

/// Reads fields. Those whose options cannot be read are reported and left out.
pub(super) fn fields_of(fields: &FieldsNamed, diag: &mut Diagnostics) -> Vec<FieldInput> {
    let fields = fields.named.iter().filter_map(|field| {
        Some(FieldInput {
            ident: field.ident.clone()?,
            ty: field.ty.clone(),
            documentation: docs::text_of(&field.attrs),
            options: diag.take(FieldOptions::from_field(field))?,
        })
    });
    fields.collect()
}

pub(super) fn has_no_parameters(input: &DeriveInput, diag: &mut Diagnostics) -> bool {
    let generics = &input.generics;
    for lifetime in generics.lifetimes() {
        diag.error(
            lifetime,
            "a connector configuration is owned data and cannot have lifetime parameters",
        );
    }
    for parameter in generics.type_params() {
        diag.error(
            parameter,
            "a connector configuration is one concrete type and cannot be generic",
        );
    }
    for parameter in generics.const_params() {
        diag.error(
            parameter,
            "a connector configuration is one concrete type and cannot be generic",
        );
    }
    generics.params.is_empty()
}

fn named_fields<'a>(input: &'a DeriveInput, diag: &mut Diagnostics) -> Option<&'a FieldsNamed> {
    if let Data::Struct(data) = &input.data
        && let Fields::Named(fields) = &data.fields
    {
        return Some(fields);
    }
    diag.error(
        &input.ident,
        "`ConnectorConfig` needs a struct with named fields; the field names become configuration \
         keys",
    );
    None
}
