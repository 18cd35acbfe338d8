//! Numbers, with the texts of the reference for those that are none.

use super::{ConfigValue, Unit, ValueError};
use crate::config::ConfigType;
use crate::data::java_text::{ascii_digits, with_f64_text};

/// Each type is published as the smallest signed type that holds all its values.
macro_rules! integer_value {
    ($($type:ty as $wide:ty: $kind:ident, $problem:literal;)*) => {$(
        impl ConfigValue for $type {
            fn kind(_: Unit) -> ConfigType {
                ConfigType::$kind
            }

            fn parse_text(text: &str, _: Unit) -> Result<Self, ValueError> {
                let number: $wide = ascii_digits(text)
                    .parse()
                    .map_err(|_| ValueError::new($problem))?;
                narrow(number, Self::MIN, Self::MAX)
            }

            fn to_text(&self, _: Unit) -> Option<String> {
                Some(self.to_string())
            }
        }
    )*};
}

integer_value! {
    i16 as i16: Short, "Not a number of type SHORT";
    i32 as i32: Int, "Not a number of type INT";
    i64 as i64: Long, "Not a number of type LONG";
    u16 as i32: Int, "Not a number of type INT";
    u32 as i64: Long, "Not a number of type LONG";
    u64 as i64: Long, "Not a number of type LONG";
}

fn narrow<W, T>(number: W, min: T, max: T) -> Result<T, ValueError>
where
    W: Copy + Default + PartialOrd,
    T: Copy + TryFrom<W> + std::fmt::Display,
{
    T::try_from(number).map_err(|_| {
        ValueError::new(match number < W::default() {
            true => format!("Value must be at least {min}"),
            false => format!("Value must be no more than {max}"),
        })
    })
}

/// A whole number that is not negative.
pub(super) fn unsigned(text: &str) -> Result<u64, ValueError> {
    u64::parse_text(text, Unit::None)
}

impl ConfigValue for f64 {
    fn kind(_: Unit) -> ConfigType {
        ConfigType::Double
    }

    /// Reads what Java reads, except hexadecimal digits.
    fn parse_text(text: &str, _: Unit) -> Result<Self, ValueError> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let digits = match unsigned {
            "NaN" | "Infinity" => Some(text),
            _ if unsigned.starts_with(|it: char| it.is_ascii_digit() || it == '.') => {
                Some(text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text))
            }
            _ => None,
        };
        digits
            .and_then(|it| it.parse().ok())
            .ok_or_else(|| ValueError::new("Not a number of type DOUBLE"))
    }

    fn to_text(&self, _: Unit) -> Option<String> {
        Some(with_f64_text(*self, str::to_owned))
    }
}
