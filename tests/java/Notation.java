import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Date;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;

/** Schemas and values as the README of the vectors writes them. */
final class Notation {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private Notation() {}

    static Schema schema(JsonNode notation) {
        if (notation == null || notation.isNull()) {
            return null;
        }
        return notation.isTextual() ? shorthand(notation.textValue()).build() : object(notation);
    }

    private static SchemaBuilder shorthand(String text) {
        if (text.endsWith("?")) {
            return shorthand(text.substring(0, text.length() - 1)).optional();
        }
        if (text.startsWith("Decimal(")) {
            return Decimal.builder(Integer.parseInt(text.substring(8, text.length() - 1)));
        }
        return switch (text) {
            case "Date" -> Date.builder();
            case "Time" -> Time.builder();
            case "Timestamp" -> Timestamp.builder();
            default -> SchemaBuilder.type(Schema.Type.valueOf(text.toUpperCase(Locale.ROOT)));
        };
    }

    private static Schema object(JsonNode notation) {
        Schema.Type type = Schema.Type.valueOf(notation.get("type").textValue().toUpperCase(Locale.ROOT));
        SchemaBuilder builder = switch (type) {
            case ARRAY -> SchemaBuilder.array(schema(notation.get("values")));
            case MAP -> SchemaBuilder.map(schema(notation.get("keys")), schema(notation.get("values")));
            default -> SchemaBuilder.type(type);
        };
        for (JsonNode field : notation.path("fields")) {
            builder.field(field.get("name").textValue(), schema(field.get("schema")));
        }
        if (notation.hasNonNull("name")) {
            builder.name(notation.get("name").textValue());
        }
        if (notation.hasNonNull("doc")) {
            builder.doc(notation.get("doc").textValue());
        }
        if (notation.hasNonNull("version")) {
            builder.version(notation.get("version").intValue());
        }
        notation.path("parameters").fields().forEachRemaining(it -> builder.parameter(it.getKey(), it.getValue().textValue()));
        if (notation.path("optional").booleanValue()) {
            builder.optional();
        }
        if (notation.hasNonNull("default")) {
            builder.defaultValue(value(notation.get("default"), builder));
        }
        return builder.build();
    }

    static Object value(JsonNode notation, Schema context) {
        if (notation == null || notation.isNull()) {
            return null;
        }
        if (notation.isBoolean()) {
            return notation.booleanValue();
        }
        if (notation.isTextual()) {
            return notation.textValue();
        }
        if (notation.isArray()) {
            Schema element = context != null && context.type() == Schema.Type.ARRAY ? context.valueSchema() : null;
            List<Object> list = new ArrayList<>();
            notation.forEach(it -> list.add(value(it, element)));
            return list;
        }
        Map.Entry<String, JsonNode> tagged = notation.fields().next();
        JsonNode inner = tagged.getValue();
        return switch (tagged.getKey()) {
            case "i8" -> (byte) inner.intValue();
            case "i16" -> (short) inner.intValue();
            case "i32" -> inner.intValue();
            case "i64" -> inner.longValue();
            case "date" -> new java.util.Date(inner.longValue());
            case "f32" -> inner.isTextual() ? Float.parseFloat(inner.textValue()) : (float) inner.doubleValue();
            case "f64" -> inner.isTextual() ? Double.parseDouble(inner.textValue()) : inner.doubleValue();
            case "bytes" -> Base64.getDecoder().decode(inner.textValue());
            case "decimal" -> new BigDecimal(inner.textValue());
            case "map" -> map(inner, context);
            case "struct" -> struct(inner, notation.has("schema") ? schema(notation.get("schema")) : context);
            default -> throw new IllegalArgumentException("no tag of a value: " + tagged.getKey());
        };
    }

    private static Map<Object, Object> map(JsonNode entries, Schema context) {
        boolean isMap = context != null && context.type() == Schema.Type.MAP;
        Map<Object, Object> map = new LinkedHashMap<>();
        for (JsonNode pair : entries) {
            Object key = value(pair.get(0), isMap ? context.keySchema() : null);
            map.put(key, value(pair.get(1), isMap ? context.valueSchema() : null));
        }
        return map;
    }

    private static Struct struct(JsonNode fields, Schema schema) {
        Struct struct = new Struct(schema);
        fields.fields().forEachRemaining(it -> {
            Field field = schema.field(it.getKey());
            Object value = value(it.getValue(), field == null ? null : field.schema());
            if (value != null) {
                struct.put(it.getKey(), value);
            }
        });
        return struct;
    }

    static JsonNode schemaText(Schema schema) {
        if (schema == null) {
            return JSON.nullNode();
        }
        String name = plainName(schema);
        if (name != null && shorthand(name).build().equals(schema)) {
            return JSON.textNode(name);
        }
        ObjectNode object = JSON.objectNode();
        object.put("type", schema.type().getName());
        if (schema.type() == Schema.Type.MAP) {
            object.set("keys", schemaText(schema.keySchema()));
        }
        if (schema.type() == Schema.Type.MAP || schema.type() == Schema.Type.ARRAY) {
            object.set("values", schemaText(schema.valueSchema()));
        }
        if (schema.type() == Schema.Type.STRUCT) {
            ArrayNode fields = object.putArray("fields");
            for (Field field : schema.fields()) {
                fields.addObject().put("name", field.name()).set("schema", schemaText(field.schema()));
            }
        }
        object.put("optional", schema.isOptional());
        object.put("name", schema.name());
        object.put("version", schema.version());
        object.put("doc", schema.doc());
        if (schema.parameters() == null) {
            object.putNull("parameters");
        } else {
            ObjectNode parameters = object.putObject("parameters");
            new TreeMap<>(schema.parameters()).forEach(parameters::put);
        }
        object.set("default", valueText(schema.defaultValue()));
        return object;
    }

    private static String plainName(Schema schema) {
        String mark = schema.isOptional() ? "?" : "";
        String name = schema.name();
        if (Decimal.LOGICAL_NAME.equals(name)) {
            String scale = schema.parameters() == null ? null : schema.parameters().get(Decimal.SCALE_FIELD);
            return scale != null && scale.matches("-?[0-9]{1,10}") ? "Decimal(" + scale + ")" + mark : null;
        }
        if (Date.LOGICAL_NAME.equals(name)) {
            return "Date" + mark;
        }
        if (Time.LOGICAL_NAME.equals(name)) {
            return "Time" + mark;
        }
        if (Timestamp.LOGICAL_NAME.equals(name)) {
            return "Timestamp" + mark;
        }
        return schema.type().isPrimitive() ? schema.type().getName() + mark : null;
    }

    static JsonNode valueText(Object value) {
        if (value == null) {
            return JSON.nullNode();
        }
        if (value instanceof Boolean it) {
            return JSON.booleanNode(it);
        }
        if (value instanceof String it) {
            return JSON.textNode(it);
        }
        if (value instanceof List<?> it) {
            ArrayNode array = JSON.arrayNode();
            it.forEach(element -> array.add(valueText(element)));
            return array;
        }
        ObjectNode object = JSON.objectNode();
        if (value instanceof Byte it) {
            object.put("i8", it);
        } else if (value instanceof Short it) {
            object.put("i16", it);
        } else if (value instanceof Integer it) {
            object.put("i32", it);
        } else if (value instanceof Long it) {
            object.put("i64", it);
        } else if (value instanceof Float it) {
            object.put("f32", it.toString());
        } else if (value instanceof Double it) {
            object.put("f64", it.toString());
        } else if (value instanceof byte[] it) {
            object.put("bytes", Base64.getEncoder().encodeToString(it));
        } else if (value instanceof ByteBuffer it) {
            byte[] bytes = new byte[it.remaining()];
            it.duplicate().get(bytes);
            object.put("bytes", Base64.getEncoder().encodeToString(bytes));
        } else if (value instanceof BigDecimal it) {
            object.put("decimal", it.toString());
        } else if (value instanceof java.util.Date it) {
            object.put("date", it.getTime());
        } else if (value instanceof Map<?, ?> it) {
            ArrayNode entries = object.putArray("map");
            it.forEach((key, element) -> entries.addArray().add(valueText(key)).add(valueText(element)));
        } else if (value instanceof Struct it) {
            ObjectNode fields = object.putObject("struct");
            for (Field field : it.schema().fields()) {
                fields.set(field.name(), valueText(it.getWithoutDefault(field.name())));
            }
            object.set("schema", schemaText(it.schema()));
        } else {
            object.put("other", value.getClass().getName());
        }
        return object;
    }
}
