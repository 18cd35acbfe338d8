//! JSON, String and ByteArray converters.
