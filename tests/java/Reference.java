import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Values;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;

/** Answers each line of the standard input with what the reference makes of it. */
public final class Reference {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String TOPIC = "test";

    private Reference() {}

    public static void main(String[] args) throws Exception {
        PrintStream answers = System.out;
        // What is logged goes elsewhere.
        System.setOut(System.err);
        Locale.setDefault(Locale.US);
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        if (args.length > 0) {
            Bench.run(MAPPER.readTree(System.in), answers);
            return;
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        BufferedWriter out = new BufferedWriter(new OutputStreamWriter(answers, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.write(MAPPER.writeValueAsString(answer(MAPPER.readTree(line))));
            out.write('\n');
            if (!in.ready()) {
                out.flush();
            }
        }
        out.flush();
    }

    private static JsonNode answer(JsonNode request) {
        String[] phase = {"configure"};
        try {
            JsonNode output = switch (request.get("op").textValue()) {
                case "transform" -> transform(request, phase);
                case "test" -> test(request, phase);
                case "validate" -> validate(request);
                case "encode" -> encode(request, phase);
                case "decode" -> decode(request, phase);
                case "parse" -> data(Values.parseString(request.get("text").textValue()));
                case "infer", "convert" -> Conversions.answer(request, phase);
                case "build", "equal", "fits", "toBase", "ofBase", "project" -> DataModel.answer(request, phase);
                default -> throw new IllegalArgumentException("no operation");
            };
            return JSON.objectNode().set("output", output);
        } catch (Exception | StackOverflowError error) {
            return JSON.objectNode().set("error", problem(phase[0], error));
        }
    }

    static Map<String, Object> config(JsonNode config) {
        Map<String, Object> map = new HashMap<>();
        config.fields().forEachRemaining(it -> map.put(it.getKey(), it.getValue().textValue()));
        return map;
    }

    private static Object instance(JsonNode request) throws Exception {
        return Class.forName(request.get("class").textValue()).getDeclaredConstructor().newInstance();
    }

    @SuppressWarnings("unchecked")
    static <R extends ConnectRecord<R>> Transformation<R> newTransformation(JsonNode request) throws Exception {
        Transformation<R> transformation = (Transformation<R>) instance(request);
        transformation.configure(config(request.get("config")));
        return transformation;
    }

    /** One instance gets all records, so that it sees schemas again. */
    private static JsonNode transform(JsonNode request, String[] phase) throws Exception {
        Transformation<SourceRecord> ofSource = newTransformation(request);
        Transformation<SinkRecord> ofSink = newTransformation(request);
        phase[0] = "apply";
        ArrayNode answers = JSON.arrayNode();
        for (JsonNode notation : request.get("records")) {
            answers.add(told(() -> isSource(notation)
                ? record(ofSource.apply(sourceRecord(notation)))
                : record(ofSink.apply(sinkRecord(notation)))));
        }
        return answers;
    }

    private static boolean isSource(JsonNode notation) {
        return "source".equals(notation.path("recordType").textValue());
    }

    private static JsonNode told(Callable<JsonNode> answer) {
        try {
            return JSON.objectNode().set("output", answer.call());
        } catch (Exception | StackOverflowError error) {
            return JSON.objectNode().set("error", problem("apply", error));
        }
    }

    private static ObjectNode problem(String phase, Throwable error) {
        ObjectNode told = JSON.objectNode();
        told.put("phase", phase);
        told.put("type", error.getClass().getSimpleName());
        told.put("message", error.getMessage());
        return told;
    }

    @SuppressWarnings("unchecked")
    private static JsonNode test(JsonNode request, String[] phase) throws Exception {
        Predicate<SinkRecord> predicate = (Predicate<SinkRecord>) instance(request);
        predicate.configure(config(request.get("config")));
        phase[0] = "apply";
        return JSON.booleanNode(predicate.test(sinkRecord(request.get("record"))));
    }

    /** What the definition of a plugin says of every key. */
    private static JsonNode validate(JsonNode request) throws Exception {
        Object plugin = instance(request);
        ConfigDef definition = plugin instanceof Transformation<?> it ? it.config()
            : plugin instanceof Predicate<?> it ? it.config() : ((HeaderConverter) plugin).config();
        Map<String, String> config = new HashMap<>();
        request.get("config").fields().forEachRemaining(it -> config.put(it.getKey(), it.getValue().textValue()));
        ObjectNode answer = JSON.objectNode();
        for (ConfigValue value : definition.validate(config)) {
            ObjectNode shown = answer.putObject(value.name());
            ConfigDef.Type type = definition.configKeys().get(value.name()).type();
            shown.put("value", ConfigDef.convertToString(value.value(), type));
            ArrayNode errors = shown.putArray("errors");
            value.errorMessages().forEach(errors::add);
        }
        return answer;
    }

    private static SourceRecord sourceRecord(JsonNode it) {
        Schema key = Notation.schema(it.get("keySchema"));
        Schema value = Notation.schema(it.get("valueSchema"));
        return new SourceRecord(Map.of(), Map.of(), it.get("topic").textValue(), partition(it), key,
            Notation.value(it.get("key"), key), value, Notation.value(it.get("value"), value), timestamp(it), headers(it));
    }

    static SinkRecord sinkRecord(JsonNode it) {
        Schema key = Notation.schema(it.get("keySchema"));
        Schema value = Notation.schema(it.get("valueSchema"));
        return new SinkRecord(it.get("topic").textValue(), partition(it), key, Notation.value(it.get("key"), key), value,
            Notation.value(it.get("value"), value), it.path("offset").longValue(), timestamp(it), TimestampType.CREATE_TIME,
            headers(it));
    }

    private static Integer partition(JsonNode it) {
        if (it.hasNonNull("partition")) {
            return it.get("partition").intValue();
        }
        return it.has("partition") ? null : Integer.valueOf(0);
    }

    private static Long timestamp(JsonNode it) {
        return it.hasNonNull("timestamp") ? it.get("timestamp").longValue() : null;
    }

    private static ConnectHeaders headers(JsonNode it) {
        ConnectHeaders headers = new ConnectHeaders();
        for (JsonNode header : it.path("headers")) {
            Schema schema = Notation.schema(header.get("schema"));
            headers.add(header.get("key").textValue(), new SchemaAndValue(schema, Notation.value(header.get("value"), schema)));
        }
        return headers;
    }

    private static JsonNode record(ConnectRecord<?> record) {
        if (record == null) {
            return JSON.nullNode();
        }
        ObjectNode object = JSON.objectNode();
        object.put("topic", record.topic());
        object.put("partition", record.kafkaPartition());
        object.put("timestamp", record.timestamp());
        object.set("keySchema", Notation.schemaText(record.keySchema()));
        object.set("key", Notation.valueText(record.key()));
        object.set("valueSchema", Notation.schemaText(record.valueSchema()));
        object.set("value", Notation.valueText(record.value()));
        ArrayNode headers = object.putArray("headers");
        for (Header header : record.headers()) {
            ObjectNode one = headers.addObject().put("key", header.key());
            one.set("schema", Notation.schemaText(header.schema()));
            one.set("value", Notation.valueText(header.value()));
        }
        return object;
    }

    static Converter newConverter(JsonNode request) throws Exception {
        Converter converter = (Converter) instance(request);
        converter.configure(config(request.get("config")), "key".equals(request.path("role").textValue()));
        return converter;
    }

    private static boolean isHeader(JsonNode request) {
        return "header".equals(request.path("role").textValue());
    }

    private static HeaderConverter newHeaderConverter(JsonNode request) throws Exception {
        HeaderConverter converter = (HeaderConverter) instance(request);
        Map<String, Object> config = config(request.get("config"));
        config.put("converter.type", "header");
        converter.configure(config);
        return converter;
    }

    /** The answer of the last of several rounds by one instance. */
    private static JsonNode lastOf(JsonNode request, Callable<JsonNode> answer) throws Exception {
        for (int round = 1; round < request.path("rounds").asInt(1); round++) {
            told(answer);
        }
        return answer.call();
    }

    private static JsonNode encode(JsonNode request, String[] phase) throws Exception {
        Schema schema = Notation.schema(request.get("schema"));
        Object value = Notation.value(request.get("value"), schema);
        if (isHeader(request)) {
            HeaderConverter converter = newHeaderConverter(request);
            phase[0] = "apply";
            return lastOf(request, () -> base64(converter.fromConnectHeader(TOPIC, "header", schema, value)));
        }
        Converter converter = newConverter(request);
        phase[0] = "apply";
        return lastOf(request, () -> base64(converter.fromConnectData(TOPIC, schema, value)));
    }

    private static JsonNode base64(byte[] bytes) {
        return bytes == null ? JSON.nullNode() : JSON.textNode(Base64.getEncoder().encodeToString(bytes));
    }

    private static JsonNode decode(JsonNode request, String[] phase) throws Exception {
        byte[] bytes = request.hasNonNull("bytes") ? Base64.getDecoder().decode(request.get("bytes").textValue()) : null;
        if (isHeader(request)) {
            HeaderConverter converter = newHeaderConverter(request);
            phase[0] = "apply";
            return lastOf(request, () -> data(converter.toConnectHeader(TOPIC, "header", bytes)));
        }
        Converter converter = newConverter(request);
        phase[0] = "apply";
        return lastOf(request, () -> data(converter.toConnectData(TOPIC, bytes)));
    }

    static JsonNode data(SchemaAndValue data) {
        ObjectNode object = JSON.objectNode();
        object.set("schema", Notation.schemaText(data == null ? null : data.schema()));
        object.set("value", Notation.valueText(data == null ? null : data.value()));
        return object;
    }
}
