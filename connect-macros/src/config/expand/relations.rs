//! Relations between the keys of a struct.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::value_of;
use crate::attribute::Condition;
use crate::config::model::{Choice, Field, Key, Model, choice_of};
use crate::place::place_of;

/// What is published of the relations of a key.
pub(super) fn spec_parts(model: &Model, field: &Field, key: &Key) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    let dependents: Vec<_> = model.dependents_of(field).map(|it| &it.name).collect();
    if !dependents.is_empty() {
        parts.push(quote!(dependents: &[#(#dependents),*]));
    }
    let conflicts = key.conflicts_with.iter().filter_map(|it| model.key_of(it));
    let conflicts: Vec<_> = conflicts.map(|(_, key)| &key.name).collect();
    if !conflicts.is_empty() {
        parts.push(quote!(conflicts_with: &[#(#conflicts),*]));
    }
    let required_if = key.required_if.as_ref();
    if let Some(condition) = required_if.and_then(|it| published(model, it)) {
        parts.push(quote!(required_if: ::core::option::Option::Some(#condition)));
    }
    let visible_if = key.visible_if.as_ref();
    if let Some(condition) = visible_if.and_then(|it| published(model, it)) {
        parts.push(quote!(visible_if: ::core::option::Option::Some(#condition)));
    }
    parts
}

/// What is checked after the keys were read.
pub(super) fn checks(model: &Model) -> TokenStream {
    model
        .keys()
        .map(|(field, key)| checks_of(model, field, key))
        .collect()
}

fn checks_of(model: &Model, field: &Field, key: &Key) -> TokenStream {
    let krate = &model.krate;
    let (constant, value, ty) = (&field.constant, value_of(field), &field.ty);
    // What the type lacks for a relation is reported at the type.
    let place = place_of(ty);
    let here = krate.at(place);
    let required = key.required_if.as_ref().and_then(|it| holds(model, it));
    let required = required.map(|condition| {
        let required = quote_spanned!(place=> #here::__private::required::<#ty>);
        quote!(let #value = #required(reader, &#constant, #value, #condition);)
    });
    let shown = key.visible_if.as_ref().and_then(|it| holds(model, it));
    let shown =
        shown.map(|condition| quote!(#krate::__private::shown(reader, &#constant, #condition);));
    let conflicts = key.conflicts_with.iter().filter_map(|name| {
        let (other, _) = model.key_of(name)?;
        let (other_constant, other_value, other_ty) = (&other.constant, value_of(other), &other.ty);
        let exclusive = quote_spanned!(place=> #here::__private::exclusive::<#ty, #other_ty>);
        Some(quote! {
            let #value = #exclusive(
                reader,
                (&#constant, #value),
                (&#other_constant, &#other_value),
            );
        })
    });
    quote!(#required #shown #(#conflicts)*)
}

/// Whether a condition holds, if the value of its key is known.
fn holds(model: &Model, condition: &Condition) -> Option<TokenStream> {
    let (field, key) = model.key_of(&condition.field)?;
    let value = value_of(field);
    let choice = choice(field, condition)?;
    let pattern = if key.shape.optional {
        quote!(::core::option::Option::Some(#choice))
    } else {
        choice
    };
    Some(quote! {
        ::core::option::Option::as_ref(&#value).map(|value| ::core::matches!(value, #pattern))
    })
}

/// A condition as clients are told of it.
fn published(model: &Model, condition: &Condition) -> Option<TokenStream> {
    let krate = &model.krate;
    let (field, key) = model.key_of(&condition.field)?;
    let (name, unit) = (&key.name, super::unit(key.unit));
    let choice = choice(field, condition)?;
    Some(quote! {
        #krate::__private::ConditionSpec {
            key: #name,
            value: || #krate::config::ConfigValue::to_text(
                &#choice,
                #krate::config::Unit::#unit,
            ),
        }
    })
}

fn choice(field: &Field, condition: &Condition) -> Option<TokenStream> {
    let ty = field.leaf();
    Some(match choice_of(&condition.value)? {
        Choice::Variant(variant) => quote!(<#ty>::#variant),
        Choice::Switch(switch) => quote!(#switch),
    })
}
