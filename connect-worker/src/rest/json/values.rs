//! Values of any form, as data.

use connect_core::data::Value;

use super::flaw::Flaw;
use super::reader::map;
use super::scanner::{Scanner, Token};

/// Any JSON as data; whole numbers of any size stay what they are.
pub(in crate::rest) fn value(scanner: &mut Scanner<'_>, token: Token) -> Result<Value, Flaw> {
    Ok(match token {
        Token::ObjectStart => {
            let entries = map(scanner, token, "java.lang.Object", value)?;
            Value::Map(entries.into_iter().collect())
        }
        Token::ArrayStart => {
            let mut elements = Vec::new();
            loop {
                match scanner.next_inside()? {
                    Token::ArrayEnd => break Value::Array(elements),
                    token => elements.push(value(scanner, token)?),
                }
            }
        }
        Token::Text => Value::from(scanner.text()?),
        Token::Integer => integer(scanner.number()),
        Token::Float => float(scanner.number()),
        Token::True | Token::False => Value::Boolean(token == Token::True),
        Token::Null | Token::Name | Token::ObjectEnd | Token::ArrayEnd => Value::Null,
    })
}

fn integer(text: &str) -> Value {
    match (text.parse(), text.parse()) {
        (Ok(number), _) => Value::Int64(number),
        (Err(_), Ok(number)) => Value::Decimal(Box::new(number)),
        (Err(_), Err(_)) => float(text),
    }
}

fn float(text: &str) -> Value {
    Value::Float64(text.parse().expect("a number of JSON can be read as one"))
}
