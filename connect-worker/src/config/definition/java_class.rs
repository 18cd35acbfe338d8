//! Classes that every worker of the reference has and that are no plugins. Whoever names one of them,
//! a deserializer in place of a converter for instance, is told so, as there.

use super::Interface;

/// A class or an interface of Java that is no plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JavaClass {
    /// A class, by its name.
    Class(&'static str),
    /// An interface, by its name.
    Interface(&'static str),
}

/// The classes that are known. `docs/rest.md` says what becomes of others.
const KNOWN: &[JavaClass] = &[
    JavaClass::Class("java.lang.Object"),
    JavaClass::Class("java.lang.String"),
    JavaClass::Class("java.lang.Boolean"),
    JavaClass::Class("java.lang.Byte"),
    JavaClass::Class("java.lang.Short"),
    JavaClass::Class("java.lang.Integer"),
    JavaClass::Class("java.lang.Long"),
    JavaClass::Class("java.lang.Float"),
    JavaClass::Class("java.lang.Double"),
    JavaClass::Class("org.apache.kafka.common.serialization.BooleanDeserializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.BooleanSerializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.ByteArrayDeserializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.ByteArraySerializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.ByteBufferDeserializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.ByteBufferSerializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.BytesDeserializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.BytesSerializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.DoubleDeserializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.DoubleSerializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.FloatDeserializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.FloatSerializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.IntegerDeserializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.IntegerSerializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.LongDeserializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.LongSerializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.ShortDeserializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.ShortSerializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.StringDeserializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.StringSerializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.UUIDDeserializer"),
    JavaClass::Class("org.apache.kafka.common.serialization.UUIDSerializer"),
    JavaClass::Interface("org.apache.kafka.common.serialization.Deserializer"),
    JavaClass::Interface("org.apache.kafka.common.serialization.Serializer"),
    JavaClass::Interface("org.apache.kafka.common.config.provider.ConfigProvider"),
    JavaClass::Interface("org.apache.kafka.connect.storage.Converter"),
    JavaClass::Interface("org.apache.kafka.connect.storage.HeaderConverter"),
    JavaClass::Interface("org.apache.kafka.connect.transforms.Transformation"),
    JavaClass::Interface("org.apache.kafka.connect.transforms.predicates.Predicate"),
];

impl JavaClass {
    /// The class with this full name, if it is known.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        KNOWN.iter().copied().find(|it| it.name() == name)
    }

    /// The full name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Class(name) | Self::Interface(name) => name,
        }
    }

    /// Why it cannot stand for a plugin.
    #[must_use]
    pub fn mistake(self, wanted: Interface) -> String {
        let simple_name = self.name().rsplit('.').next();
        match self {
            Self::Interface(_) if simple_name == Some(wanted.name()) => {
                "This class is abstract and cannot be created.".to_owned()
            }
            Self::Interface(name) => wanted.not_implemented_by(format_args!("interface {name}")),
            Self::Class(name) => wanted.not_implemented_by(format_args!("class {name}")),
        }
    }
}
