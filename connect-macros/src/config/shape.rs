//! What the tokens of a type tell about it.
//!
//! Only literals are checked with this; everything else is left to the compiler, who knows the
//! type itself.

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

/// A type without `Option` and `Vec` around it.
#[derive(Clone)]
pub(super) struct Shape {
    pub(super) optional: bool,
    pub(super) list: bool,
    pub(super) leaf: Leaf,
}

/// The types whose literals are understood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Leaf {
    /// A whole number between these.
    Integer(i128, i128),
    /// `f64`.
    Float,
    /// `bool`.
    Boolean,
    /// `String` and what is as free as it.
    Text,
    /// `Secret`.
    Secret,
    /// `Duration`.
    Time,
    /// `ByteSize`.
    Size,
    /// `Plugin`, whose own keys are below its name.
    Plugin,
    /// Something else.
    Unknown,
}

impl Shape {
    pub(super) fn of(ty: &Type) -> Self {
        if let Some(inner) = argument_of(ty, "Option") {
            return Self {
                optional: true,
                ..Self::of(inner)
            };
        }
        if let Some(inner) = argument_of(ty, "Vec") {
            return Self {
                list: true,
                ..Self::of(inner)
            };
        }
        Self {
            optional: false,
            list: false,
            leaf: Leaf::of(ty),
        }
    }
}

impl Shape {
    /// The type without `Option` and `Vec` around it.
    pub(super) fn leaf(ty: &Type) -> &Type {
        match argument_of(ty, "Option").or_else(|| argument_of(ty, "Vec")) {
            Some(inner) => Self::leaf(inner),
            None => ty,
        }
    }

    /// The source of the type without `Option` and `Vec` around it.
    pub(super) fn leaf_text(ty: &Type) -> String {
        let leaf = Self::leaf(ty).to_token_stream();
        leaf.to_string().replace(' ', "")
    }
}

impl Leaf {
    fn of(ty: &Type) -> Self {
        let name = match ungrouped(ty) {
            Type::Path(path) => path.path.segments.last().map(|it| it.ident.to_string()),
            _ => None,
        };
        match name.as_deref() {
            Some("i16") => Self::Integer(i16::MIN.into(), i16::MAX.into()),
            Some("i32") => Self::Integer(i32::MIN.into(), i32::MAX.into()),
            Some("i64") => Self::Integer(i64::MIN.into(), i64::MAX.into()),
            Some("u16") => Self::Integer(0, u16::MAX.into()),
            Some("u32") => Self::Integer(0, u32::MAX.into()),
            // A LONG of the reference is signed.
            Some("u64") => Self::Integer(0, i64::MAX.into()),
            Some("f64") => Self::Float,
            Some("bool") => Self::Boolean,
            Some("String" | "PathBuf" | "Topic") => Self::Text,
            Some("Secret") => Self::Secret,
            Some("Duration") => Self::Time,
            Some("ByteSize") => Self::Size,
            Some("Plugin") => Self::Plugin,
            _ => Self::Unknown,
        }
    }
}

fn argument_of<'a>(ty: &'a Type, container: &str) -> Option<&'a Type> {
    let Type::Path(path) = ungrouped(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    if last.ident != container {
        return None;
    }
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            GenericArgument::Type(inner) => Some(inner),
            _ => None,
        },
        PathArguments::None | PathArguments::Parenthesized(_) => None,
    }
}

/// Without the invisible brackets around what came out of a declarative macro.
fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        other => other,
    }
}
