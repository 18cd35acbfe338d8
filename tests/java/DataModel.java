import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import org.apache.kafka.connect.data.ConnectSchema;
import org.apache.kafka.connect.data.Date;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaProjector;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;

/** What the reference says of schemas, and of values under them. */
final class DataModel {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private DataModel() {}

    static JsonNode answer(JsonNode request, String[] phase) {
        phase[0] = "apply";
        return switch (request.get("op").textValue()) {
            case "build" -> Notation.schemaText(schema(request));
            case "equal" -> JSON.booleanNode(
                Notation.schema(request.get("a")).equals(Notation.schema(request.get("b"))));
            case "fits" -> fits(schema(request), request.get("value"));
            case "toBase" -> Notation.valueText(toBase(schema(request), request.get("value")));
            case "ofBase" -> Notation.valueText(ofBase(schema(request), request.get("value")));
            case "project" -> projected(request);
            default -> throw new IllegalArgumentException("no operation");
        };
    }

    private static Schema schema(JsonNode request) {
        return Notation.schema(request.get("schema"));
    }

    private static JsonNode fits(Schema schema, JsonNode value) {
        ConnectSchema.validateValue(schema, Notation.value(value, schema));
        return JSON.textNode("ok");
    }

    private static Object toBase(Schema schema, JsonNode notation) {
        Object value = Notation.value(notation, null);
        return switch (schema.name()) {
            case Decimal.LOGICAL_NAME -> Decimal.fromLogical(schema, (BigDecimal) value);
            case Date.LOGICAL_NAME -> Date.fromLogical(schema, (java.util.Date) value);
            case Time.LOGICAL_NAME -> Time.fromLogical(schema, (java.util.Date) value);
            default -> Timestamp.fromLogical(schema, (java.util.Date) value);
        };
    }

    private static Object ofBase(Schema schema, JsonNode notation) {
        Object value = Notation.value(notation, null);
        return switch (schema.name()) {
            case Decimal.LOGICAL_NAME -> Decimal.toLogical(schema, (byte[]) value);
            case Date.LOGICAL_NAME -> Date.toLogical(schema, (Integer) value);
            case Time.LOGICAL_NAME -> Time.toLogical(schema, (Integer) value);
            default -> Timestamp.toLogical(schema, (Long) value);
        };
    }

    private static JsonNode projected(JsonNode request) {
        Schema source = Notation.schema(request.get("source"));
        Object value = Notation.value(request.get("value"), source);
        return Notation.valueText(SchemaProjector.project(source, value, Notation.schema(request.get("target"))));
    }
}
