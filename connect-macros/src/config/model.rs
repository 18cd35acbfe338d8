//! What the input means.

mod words;

use darling::util::Flag;
use proc_macro2::Span;
use quote::{ToTokens, format_ident};
use syn::spanned::Spanned;
use syn::{
    Expr, ExprLit, ExprRange, Ident, Lit, LitBool, LitInt, LitStr, Path, RangeLimits, Type,
    Visibility,
};

use super::input::{FieldInput, FieldOptions, GroupInput, Input};
use super::shape::{Leaf, Shape};
use crate::attribute::Condition;
use crate::diag::Diagnostics;
use crate::literal::{text_of, ungrouped};
use crate::paths::CratePath;

pub(super) use words::{Importance, Unit, Width};

/// A configuration struct.
pub(super) struct Model {
    pub(super) ident: Ident,
    pub(super) visibility: Visibility,
    pub(super) krate: CratePath,
    pub(super) documentation: String,
    pub(super) groups: Vec<GroupInput>,
    pub(super) check: Option<Path>,
    pub(super) probe: Option<Path>,
    /// Whether the keys stand below the alias of a transform or predicate.
    pub(super) is_under_alias: bool,
    pub(super) fields: Vec<Field>,
}

/// A field of the struct.
pub(super) struct Field {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    /// The constant that stands for it in the generated code.
    pub(super) constant: Ident,
    pub(super) kind: FieldKind,
}

/// What a field stands for.
pub(super) enum FieldKind {
    /// One key.
    Key(Box<Key>),
    /// The keys of another struct; the options that have no meaning there.
    Flattened(Vec<(&'static str, Span)>),
    /// The keys of another struct, below a prefix.
    Nested(Below),
    /// All keys below a prefix.
    Rest(Below),
}

/// Keys below a prefix.
pub(super) struct Below {
    pub(super) prefix: LitStr,
    pub(super) documentation: String,
    /// The options that have no meaning there.
    pub(super) vain_options: Vec<(&'static str, Span)>,
}

/// A configuration key.
pub(super) struct Key {
    pub(super) name: LitStr,
    /// Whether the name was written, or follows from the field's.
    pub(super) is_named: bool,
    pub(super) documentation: String,
    pub(super) shape: Shape,
    /// The keys below it, if they are those of a plugin.
    pub(super) below: Option<Below>,
    /// The type without `Option` and `Vec`, for messages.
    pub(super) leaf_text: String,
    pub(super) unit: Unit,
    pub(super) aliases: Vec<Alias>,
    pub(super) importance: Importance,
    pub(super) group: Option<LitStr>,
    pub(super) label: Option<LitStr>,
    pub(super) width: Width,
    pub(super) order: Option<LitInt>,
    pub(super) default: Option<Expr>,
    pub(super) range: Option<Range>,
    pub(super) length: Option<Range>,
    pub(super) non_empty: bool,
    pub(super) matches: Option<LitStr>,
    pub(super) one_of: Vec<LitStr>,
    pub(super) validate: Option<Path>,
    pub(super) recommend: Option<Path>,
    pub(super) example: Option<LitStr>,
    pub(super) since: Option<LitStr>,
    pub(super) internal: bool,
    pub(super) not_secret: bool,
    pub(super) depends_on: Vec<Ident>,
    pub(super) conflicts_with: Vec<Ident>,
    pub(super) required_if: Option<Condition>,
    pub(super) visible_if: Option<Condition>,
}

/// Another name of a key.
pub(super) struct Alias {
    pub(super) name: LitStr,
    pub(super) deprecated_since: Option<LitStr>,
}

/// A range that includes its bounds.
pub(super) struct Range {
    pub(super) written: ExprRange,
    pub(super) min: Option<Expr>,
    pub(super) max: Option<Expr>,
}

/// Turns the input into the model; what makes no sense is reported and left out.
pub(super) fn lower(input: Input, diag: &mut Diagnostics) -> Model {
    let prefix = input.options.prefix.as_ref().map(LitStr::value);
    let prefix = prefix.unwrap_or_default();
    Model {
        krate: CratePath::new(input.options.krate.as_ref(), diag),
        ident: input.ident,
        visibility: input.visibility,
        documentation: input.documentation,
        groups: input.options.groups,
        check: input.options.check,
        probe: input.options.probe,
        is_under_alias: input.options.under_alias.is_present(),
        fields: lower_fields(input.fields, &prefix, "", diag),
    }
}

/// Turns fields into the model; `scope` keeps those of variants apart.
pub(super) fn lower_fields(
    fields: Vec<FieldInput>,
    prefix: &str,
    scope: &str,
    diag: &mut Diagnostics,
) -> Vec<Field> {
    let fields = fields.into_iter();
    fields
        .map(|it| lower_field(it, prefix, scope, diag))
        .collect()
}

fn lower_field(input: FieldInput, prefix: &str, scope: &str, diag: &mut Diagnostics) -> Field {
    let options = &input.options;
    let kind = match (&options.rest, options.flatten, options.nested) {
        (Some(rest), ..) => {
            let others = [("flatten", options.flatten), ("nested", options.nested)];
            let vain = key_options(options).into_iter().chain(flags(others));
            let own = &rest.prefix;
            FieldKind::Rest(below(
                &input,
                prefix,
                &own.value(),
                own.span(),
                vain.collect(),
            ))
        }
        (None, flatten, nested) if nested.is_present() => {
            let vain = key_options(options)
                .into_iter()
                .chain(flags([("flatten", flatten)]));
            let vain = vain.filter(|(option, _)| *option != "key");
            let own = own_name(&input);
            let own_prefix = format!("{}.", own.value());
            FieldKind::Nested(below(
                &input,
                prefix,
                &own_prefix,
                own.span(),
                vain.collect(),
            ))
        }
        (None, flatten, _) if flatten.is_present() => FieldKind::Flattened(key_options(options)),
        (None, ..) => FieldKind::Key(Box::new(lower_key(&input, prefix, diag))),
    };
    Field {
        constant: format_ident!("FIELD_{scope}{}", name_of(&input.ident).to_uppercase()),
        ident: input.ident,
        ty: input.ty,
        kind,
    }
}

/// The name of a field, without what makes a word of the language a name.
fn name_of(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

fn below(
    input: &FieldInput,
    prefix: &str,
    own_prefix: &str,
    place: Span,
    vain_options: Vec<(&'static str, Span)>,
) -> Below {
    Below {
        prefix: LitStr::new(&format!("{prefix}{own_prefix}"), place),
        documentation: input.documentation.clone(),
        vain_options,
    }
}

/// The key that was written, or that follows from the name of the field.
fn own_name(input: &FieldInput) -> LitStr {
    input.options.key.clone().unwrap_or_else(|| {
        let name = name_of(&input.ident).replace('_', ".");
        LitStr::new(&name, input.ident.span())
    })
}

fn flags<const N: usize>(
    flags: [(&'static str, Flag); N],
) -> impl Iterator<Item = (&'static str, Span)> {
    let present = flags.into_iter().filter(|(_, flag)| flag.is_present());
    present.map(|(name, flag)| (name, flag.span()))
}

/// The options of a field that say something of one key.
fn key_options(options: &FieldOptions) -> Vec<(&'static str, Span)> {
    let flag = |flag: Flag| flag.is_present().then(|| flag.span());
    let importance = options.importance.iter().map(|it| &it.written);
    let width = options.width.iter().map(|it| &it.written);
    let aliases = options.aliases.iter().flat_map(|it| &it.0);
    let deprecated = options.deprecated_aliases.iter().map(|it| &it.name);
    let required_if = options.required_if.iter().map(|it| &it.field);
    let visible_if = options.visible_if.iter().map(|it| &it.field);
    let given = [
        ("key", first(&options.key)),
        ("alias", first(aliases)),
        ("deprecated_alias", first(deprecated)),
        ("importance", first(importance)),
        ("group", first(&options.group)),
        ("label", first(&options.label)),
        ("width", first(width)),
        ("order", first(&options.order)),
        ("default", first(&options.default)),
        ("range", first(&options.range)),
        ("length", first(&options.length)),
        ("non_empty", flag(options.non_empty)),
        ("matches", first(&options.matches)),
        ("one_of", first(&options.one_of.0)),
        ("validate", first(&options.validate)),
        ("recommend", first(&options.recommend)),
        ("depends_on", first(&options.depends_on.0)),
        ("visible_if", first(visible_if)),
        ("required_if", first(required_if)),
        ("conflicts_with", first(&options.conflicts_with.0)),
        ("example", first(&options.example)),
        ("since", first(&options.since)),
        ("internal", flag(options.internal)),
        ("not_secret", flag(options.not_secret)),
    ];
    let given = given.into_iter();
    given
        .filter_map(|(name, span)| Some((name, span?)))
        .collect()
}

/// The place of the first, if there is one.
fn first<'a, T: Spanned + 'a>(items: impl IntoIterator<Item = &'a T>) -> Option<Span> {
    items.into_iter().next().map(Spanned::span)
}

fn lower_key(input: &FieldInput, prefix: &str, diag: &mut Diagnostics) -> Key {
    let options = &input.options;
    let own_name = own_name(input);
    let name = format!("{prefix}{}", own_name.value());
    let shape = Shape::of(&input.ty);
    let of_plugin = || Below {
        prefix: LitStr::new(&format!("{name}."), own_name.span()),
        documentation: input.documentation.clone(),
        vain_options: Vec::new(),
    };
    Key {
        below: (shape.leaf == Leaf::Plugin).then(of_plugin),
        is_named: options.key.is_some(),
        documentation: input.documentation.clone(),
        shape,
        leaf_text: Shape::leaf_text(&input.ty),
        unit: Unit::of(&name),
        name: LitStr::new(&name, own_name.span()),
        aliases: aliases(options),
        importance: options
            .importance
            .as_ref()
            .and_then(|it| Importance::of(it, diag))
            .unwrap_or(Importance::Medium),
        group: options.group.clone(),
        label: options.label.clone(),
        width: options
            .width
            .as_ref()
            .and_then(|it| Width::of(it, diag))
            .unwrap_or(Width::None),
        order: options.order.clone(),
        default: options.default.clone(),
        range: options
            .range
            .as_ref()
            .and_then(|it| range("range", it, diag)),
        length: options
            .length
            .as_ref()
            .and_then(|it| range("length", it, diag)),
        non_empty: options.non_empty.is_present(),
        matches: options.matches.clone(),
        one_of: options.one_of.0.clone(),
        validate: options.validate.clone(),
        recommend: options.recommend.clone(),
        example: options.example.clone(),
        since: options.since.clone(),
        internal: options.internal.is_present(),
        not_secret: options.not_secret.is_present(),
        depends_on: options.depends_on.0.clone(),
        conflicts_with: options.conflicts_with.0.clone(),
        required_if: options.required_if.clone(),
        visible_if: options.visible_if.clone(),
    }
}

fn aliases(options: &FieldOptions) -> Vec<Alias> {
    let silent = options
        .aliases
        .iter()
        .flat_map(|it| &it.0)
        .map(|name| Alias {
            name: name.clone(),
            deprecated_since: None,
        });
    let deprecated = options.deprecated_aliases.iter().map(|it| Alias {
        name: it.name.clone(),
        deprecated_since: Some(it.since.clone()),
    });
    silent.chain(deprecated).collect()
}

fn range(option: &str, expr: &Expr, diag: &mut Diagnostics) -> Option<Range> {
    let Expr::Range(written) = ungrouped(expr) else {
        diag.error(expr, format!("`{option}` needs a range, such as `1..=10`"));
        return None;
    };
    if written.start.is_none() && written.end.is_none() {
        diag.error(expr, "this range has no bounds; drop the option");
        return None;
    }
    if written.end.is_some() && matches!(written.limits, RangeLimits::HalfOpen(_)) {
        diag.error(expr, "a range of values includes its end; write `..=`");
        return None;
    }
    Some(Range {
        min: written.start.as_deref().cloned(),
        max: written.end.as_deref().cloned(),
        written: written.clone(),
    })
}

impl Model {
    /// The fields that stand for one key.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&Field, &Key)> {
        self.fields.iter().filter_map(|field| match &field.kind {
            FieldKind::Key(key) => Some((field, &**key)),
            FieldKind::Flattened(_) | FieldKind::Nested(_) | FieldKind::Rest(_) => None,
        })
    }

    /// The fields that take all keys below a prefix.
    pub(super) fn belows(&self) -> impl Iterator<Item = (&Field, &Below)> {
        self.fields.iter().filter_map(|field| match &field.kind {
            FieldKind::Nested(below) | FieldKind::Rest(below) => Some((field, below)),
            FieldKind::Key(key) => Some((field, key.below.as_ref()?)),
            FieldKind::Flattened(_) => None,
        })
    }

    /// The fields that stand for the keys of another struct, below a prefix or not.
    pub(super) fn blocks(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|it| match it.kind {
            FieldKind::Flattened(_) | FieldKind::Nested(_) => true,
            FieldKind::Key(_) | FieldKind::Rest(_) => false,
        })
    }

    /// The keys whose values can be recommended: field and function.
    pub(super) fn recommended(&self) -> impl Iterator<Item = (&Field, &Path)> {
        let keys = self.keys();
        keys.filter_map(|(field, key)| Some((field, key.recommend.as_ref()?)))
    }

    /// The fields that stand for the keys of another struct, without a prefix.
    pub(super) fn flattened(&self) -> impl Iterator<Item = &Field> {
        let is_flattened = |it: &&Field| matches!(it.kind, FieldKind::Flattened(_));
        self.fields.iter().filter(is_flattened)
    }
}

impl Model {
    /// The key that stands in a field of that name.
    pub(super) fn key_of(&self, name: &Ident) -> Option<(&Field, &Key)> {
        self.keys().find(|(field, _)| field.ident == *name)
    }

    /// The keys that refer to a field.
    pub(super) fn dependents_of(&self, field: &Field) -> impl Iterator<Item = &Key> {
        let refers = |key: &&Key| key.references().any(|(_, name)| *name == field.ident);
        self.keys().map(|(_, key)| key).filter(refers)
    }
}

impl Field {
    /// The type without `Option` and `Vec` around it.
    pub(super) fn leaf(&self) -> &Type {
        Shape::leaf(&self.ty)
    }

    /// The type, for messages.
    pub(super) fn type_text(&self) -> String {
        self.ty.to_token_stream().to_string().replace(' ', "")
    }
}

impl Key {
    /// All names of the key.
    pub(super) fn names(&self) -> impl Iterator<Item = &LitStr> {
        std::iter::once(&self.name).chain(self.aliases.iter().map(|it| &it.name))
    }

    /// The texts in a value: the elements of a list, or all of it.
    pub(super) fn elements(&self, value: &str) -> Vec<String> {
        match self.shape.list {
            true if value.is_empty() => Vec::new(),
            true => value.split(',').map(|it| it.trim().to_owned()).collect(),
            false => vec![value.to_owned()],
        }
    }

    /// The fields that the value or the visibility of the key depends on: the option that says so,
    /// and the name.
    pub(super) fn references(&self) -> impl Iterator<Item = (&'static str, &Ident)> {
        let depends_on = self.depends_on.iter().map(|it| ("depends_on", it));
        let required_if = self.required_if.iter().map(|it| ("required_if", &it.field));
        let visible_if = self.visible_if.iter().map(|it| ("visible_if", &it.field));
        depends_on.chain(required_if).chain(visible_if)
    }

    /// Literal texts that stand for a value: the name of the option and the text.
    pub(super) fn sample_texts(&self) -> impl Iterator<Item = (&'static str, &LitStr)> {
        let default = self.default.as_ref().and_then(text_of);
        let default = default.map(|it| ("default", it));
        default
            .into_iter()
            .chain(self.example.as_ref().map(|it| ("example", it)))
    }
}

/// What a condition compares with.
pub(super) enum Choice<'a> {
    /// A variant of an enum.
    Variant(&'a Ident),
    /// A switch.
    Switch(&'a LitBool),
}

/// What the value of a condition stands for.
pub(super) fn choice_of(value: &Expr) -> Option<Choice<'_>> {
    match ungrouped(value) {
        Expr::Path(path) => path.path.get_ident().map(Choice::Variant),
        Expr::Lit(ExprLit {
            lit: Lit::Bool(switch),
            ..
        }) => Some(Choice::Switch(switch)),
        _ => None,
    }
}
