import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.Base64;
import java.util.concurrent.Callable;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Values;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.transforms.Transformation;

/** Times single operations: for each of a list, one line with nanoseconds for a call. */
final class Bench {
    private static final long WARM_UP_NANOS = 1_500_000_000L;
    private static final long RUN_NANOS = 150_000_000L;
    private static final int RUNS = 20;

    /** Keeps results alive. */
    private static Object sink;

    private Bench() {}

    static void run(JsonNode operations, PrintStream out) throws Exception {
        for (JsonNode operation : operations) {
            out.println(nanos(operation(operation)));
        }
    }

    private static Callable<Object> operation(JsonNode request) throws Exception {
        switch (request.get("op").textValue()) {
            case "transform": {
                Transformation<SinkRecord> transformation = Reference.newTransformation(request);
                SinkRecord record = Reference.sinkRecord(request.get("record"));
                return () -> transformation.apply(record);
            }
            case "encode": {
                Converter converter = Reference.newConverter(request);
                Schema schema = Notation.schema(request.get("schema"));
                Object value = Notation.value(request.get("value"), schema);
                return () -> converter.fromConnectData("test", schema, value);
            }
            case "decode": {
                Converter converter = Reference.newConverter(request);
                byte[] bytes = Base64.getDecoder().decode(request.get("bytes").textValue());
                return () -> converter.toConnectData("test", bytes);
            }
            case "convert": {
                return conversions(request);
            }
            default: {
                String[] texts = new String[request.get("texts").size()];
                for (int i = 0; i < texts.length; i++) {
                    texts[i] = request.get("texts").get(i).textValue();
                }
                return () -> {
                    Object last = null;
                    for (String text : texts) {
                        last = Values.parseString(text);
                    }
                    return last;
                };
            }
        }
    }

    /** Every value as text, and its schema inferred. */
    private static Callable<Object> conversions(JsonNode request) {
        int count = request.get("values").size();
        Schema[] schemas = new Schema[count];
        Object[] values = new Object[count];
        for (int i = 0; i < count; i++) {
            JsonNode pair = request.get("values").get(i);
            schemas[i] = Notation.schema(pair.get(0));
            values[i] = Notation.value(pair.get(1), schemas[i]);
        }
        return () -> {
            Object last = null;
            for (int i = 0; i < count; i++) {
                last = Values.convertToString(schemas[i], values[i]);
                sink = Values.inferSchema(values[i]);
            }
            return last;
        };
    }

    /** The best of several runs, after the compiler has seen enough. */
    private static double nanos(Callable<Object> operation) throws Exception {
        time(operation, WARM_UP_NANOS);
        double best = Double.MAX_VALUE;
        for (int i = 0; i < RUNS; i++) {
            best = Math.min(best, time(operation, RUN_NANOS));
        }
        return best;
    }

    private static double time(Callable<Object> operation, long atLeast) throws Exception {
        long calls = 0;
        long start = System.nanoTime();
        long elapsed = 0;
        while (elapsed < atLeast) {
            for (int i = 0; i < 1000; i++) {
                sink = operation.call();
            }
            calls += 1000;
            elapsed = System.nanoTime() - start;
        }
        return (double) elapsed / calls;
    }
}
