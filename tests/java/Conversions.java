import com.fasterxml.jackson.databind.JsonNode;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Values;

/** What the reference makes of values: as text, as other types, and the schemas that it guesses. */
final class Conversions {
    private Conversions() {}

    static JsonNode answer(JsonNode request, String[] phase) {
        Schema schema = Notation.schema(request.get("schema"));
        Object value = Notation.value(request.get("value"), schema);
        phase[0] = "apply";
        if (request.get("op").textValue().equals("infer")) {
            return Notation.schemaText(Values.inferSchema(value));
        }
        return Notation.valueText(converted(request, schema, value));
    }

    private static Object converted(JsonNode request, Schema schema, Object value) {
        return switch (request.get("function").textValue()) {
            case "convertToString" -> Values.convertToString(schema, value);
            case "convertToBoolean" -> Values.convertToBoolean(schema, value);
            case "convertToByte" -> Values.convertToByte(schema, value);
            case "convertToShort" -> Values.convertToShort(schema, value);
            case "convertToInteger" -> Values.convertToInteger(schema, value);
            case "convertToLong" -> Values.convertToLong(schema, value);
            case "convertToFloat" -> Values.convertToFloat(schema, value);
            case "convertToDouble" -> Values.convertToDouble(schema, value);
            case "convertToList" -> Values.convertToList(schema, value);
            case "convertToMap" -> Values.convertToMap(schema, value);
            case "convertToStruct" -> Values.convertToStruct(schema, value);
            case "convertToDate" -> Values.convertToDate(schema, value);
            case "convertToTime" -> Values.convertToTime(schema, value);
            case "convertToTimestamp" -> Values.convertToTimestamp(schema, value);
            case "convertToDecimal" -> Values.convertToDecimal(schema, value, request.get("scale").intValue());
            default -> throw new IllegalArgumentException("no such function");
        };
    }
}
