//! What the user may write, and what it means.

use darling::{FromDeriveInput, FromField};
use syn::{Data, DeriveInput, Fields, Ident, LitStr, Path, Type};

use crate::diag::Diagnostics;
use crate::paths::CratePath;

/// A partition or offset.
pub(super) struct Model {
    pub(super) ident: Ident,
    pub(super) krate: CratePath,
    pub(super) fields: Vec<Field>,
}

/// One key of the stored map.
pub(super) struct Field {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    pub(super) key: LitStr,
}

#[derive(Default, FromDeriveInput)]
#[darling(attributes(offset))]
struct StructOptions {
    #[darling(default, rename = "crate")]
    krate: Option<Path>,
}

#[derive(FromField)]
#[darling(attributes(offset))]
struct FieldOptions {
    #[darling(default)]
    key: Option<LitStr>,
}

/// Reads the struct. Fields whose options cannot be read are reported and left out.
pub(super) fn parse(input: &DeriveInput, diag: &mut Diagnostics) -> Option<Model> {
    if let Some(parameter) = input.generics.params.first() {
        let problem = "a source partition or offset is one concrete type and cannot be generic";
        diag.error(parameter, problem);
        return None;
    }
    let named = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Some(&fields.named),
            Fields::Unnamed(_) | Fields::Unit => None,
        },
        Data::Enum(_) | Data::Union(_) => None,
    };
    let Some(named) = named else {
        diag.error(
            &input.ident,
            "a source partition or offset is a struct with named fields; the names become the \
             keys stored in the offsets topic",
        );
        return None;
    };
    let options = diag.take(StructOptions::from_derive_input(input));
    let fields = named.iter().filter_map(|field| {
        let options = diag.take(FieldOptions::from_field(field))?;
        let ident = field.ident.clone()?;
        let name = ident.to_string();
        let name = name.strip_prefix("r#").unwrap_or(&name);
        Some(Field {
            key: options
                .key
                .unwrap_or_else(|| LitStr::new(name, ident.span())),
            ty: field.ty.clone(),
            ident,
        })
    });
    let fields = fields.collect();
    Some(Model {
        ident: input.ident.clone(),
        krate: CratePath::new(options.unwrap_or_default().krate.as_ref(), diag),
        fields,
    })
}
