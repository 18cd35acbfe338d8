//! Enums whose variants bring keys of their own, and the key that chooses the variant.

use std::borrow::Cow;

use super::block::{Definer, Reader, Shown};
use super::field::{invalid, missing, trim};
use super::live::Recommendations;
use super::{Choice, ConfigKey, ConfigType, DefaultValue, Importance, KeyDetails, Props, Width};

/// The variants of an enum, as the derive knows them.
#[derive(Debug)]
pub struct Variants<T: 'static> {
    /// Name of the key that chooses one.
    pub tag: &'static str,
    /// What is chosen.
    pub documentation: &'static str,
    /// Their names, in order.
    pub choices: &'static [Choice],
    /// The one that counts when the key is absent.
    pub default: Option<&'static str>,
    /// Their keys, in the same order.
    pub variants: &'static [Variant<T>],
}

/// One variant.
#[derive(Debug)]
pub struct Variant<T> {
    /// Publishes its keys.
    pub define: fn(&mut Definer),
    /// Reads its keys.
    pub read: fn(&mut Reader<'_>) -> Option<T>,
    /// Adds its questions to the other side.
    pub recommend: fn(&mut Recommendations<'_>),
}

impl<T> Variants<T> {
    /// Publishes the key that chooses, and the keys of all variants.
    pub fn define(&self, definer: &mut Definer) {
        let name = definer.full(self.tag);
        definer.add(self.key(name.clone()), self.details(name.clone()), None);
        for (choice, variant) in self.choices.iter().zip(self.variants) {
            definer.variant(name.clone(), choice.name, variant.define);
        }
    }

    fn key(&self, name: Cow<'static, str>) -> ConfigKey {
        ConfigKey {
            kind: ConfigType::String,
            default: match self.default {
                Some(variant) => DefaultValue::Text(variant.into()),
                None => DefaultValue::Required,
            },
            importance: Importance::Medium,
            documentation: self.documentation.into(),
            group: None,
            order_in_group: -1,
            width: Width::None,
            display_name: name.clone(),
            dependents: Vec::new(),
            valid_values: Some(format!("[{}]", self.names()).into()),
            name,
        }
    }

    fn details(&self, key: Cow<'static, str>) -> KeyDetails {
        let sample = self.default.or(self.choices.first().map(|it| it.name));
        KeyDetails {
            choices: self.choices,
            sample: sample.map(str::to_owned),
            ..KeyDetails::new(key)
        }
    }

    fn names(&self) -> String {
        let names: Vec<_> = self.choices.iter().map(|it| it.name).collect();
        names.join(", ")
    }

    /// Reads the variant that is chosen; `None` when there is a mistake.
    ///
    /// The keys of the others are ignored, whatever they hold.
    pub fn read(&self, reader: &mut Reader<'_>) -> Option<T> {
        let chosen = self.read_tag(reader);
        let value = chosen.and_then(|it| (self.variants[it].read)(reader));
        let shown = match chosen {
            Some(_) => Shown::No,
            None => Shown::Yes,
        };
        for (index, variant) in self.variants.iter().enumerate() {
            if chosen != Some(index) {
                reader.ignoring(shown, variant.read);
            }
        }
        value
    }

    /// The index of the chosen variant.
    fn read_tag(&self, reader: &mut Reader<'_>) -> Option<usize> {
        let name = reader.full(self.tag);
        match self.choose(reader, &name) {
            Ok(index) => {
                let chosen = self.choices[index].name.to_owned();
                reader.report(&name, Some(chosen), Vec::new());
                Some(index)
            }
            Err(message) => {
                reader.report(&name, None, vec![message]);
                None
            }
        }
    }

    fn choose(&self, reader: &Reader<'_>, key: &str) -> Result<usize, String> {
        let props = reader.props();
        let text = match (props.get(key), self.default) {
            (Some(text), _) => trim(text),
            (None, _) if props.contains_key(key) => {
                return Err(invalid(key, "null", "entry must be non null"));
            }
            (None, Some(default)) => default,
            (None, None) => return Err(missing(key)),
        };
        let index = self.choices.iter().position(|it| it.name == text);
        index.ok_or_else(|| {
            let problem = format!("String must be one of: {}", self.names());
            invalid(key, text, &problem)
        })
    }

    /// Adds the questions of the variant that is chosen.
    pub fn recommend(&self, recommendations: &mut Recommendations<'_>) {
        let reader = recommendations.reader();
        if let Ok(chosen) = self.choose(&reader, &reader.full(self.tag)) {
            (self.variants[chosen].recommend)(recommendations);
        }
    }

    /// Writes the key that chooses.
    pub fn write(&self, variant: &str, props: &mut Props) {
        props.insert(self.tag, Some(variant.to_owned()));
    }
}
