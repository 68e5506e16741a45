package io.socketreaper.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.socketreaper.docs.GeneratedPart;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.junit.jupiter.api.Test;

/** Keeps docs/jfr.md true. */
class JfrDocTest {
    @Test
    void theDocumentationNamesEveryEventAndEveryField() throws IOException {
        var text = new StringBuilder();
        for (var event : JfrOutlet.EVENTS) {
            text.append(text.isEmpty() ? "" : "\n")
                    .append("## ")
                    .append(event.getAnnotation(Name.class).value())
                    .append("\n\n")
                    .append(event.getAnnotation(Description.class).value())
                    .append('.');
            var period = event.getAnnotation(Period.class);
            text.append(period == null ? "" : " Period: `" + period.value() + "`.")
                    .append("\n\n| Field | Type | Unit | Meaning |\n|---|---|---|---|\n");
            for (var field : fields(event)) {
                text.append("| `")
                        .append(field.getName())
                        .append("` | ")
                        .append(field.getType().getSimpleName())
                        .append(" | ")
                        .append(unit(field))
                        .append(" | ")
                        .append(field.getAnnotation(Description.class).value())
                        .append(" |\n");
            }
        }
        GeneratedPart.check("jfr.md", JfrDocTest.class, text.toString());
    }

    @Test
    void everyEventAndFieldIsExplainedAndNoStackOfTheReaperThreadIsTaken() {
        for (var event : JfrOutlet.EVENTS) {
            assertNotNull(event.getAnnotation(Label.class), event::toString);
            assertEquals(
                    List.of("Socket Reaper"),
                    List.of(event.getAnnotation(Category.class).value()),
                    event::toString);
            assertFalse(event.getAnnotation(StackTrace.class).value(), event::toString);
            for (var field : fields(event)) {
                assertNotNull(field.getAnnotation(Label.class), field::toString);
                assertNotNull(field.getAnnotation(Description.class), field::toString);
            }
        }
    }

    private static String unit(Field field) {
        return field.isAnnotationPresent(DataAmount.class)
                ? "bytes"
                : field.isAnnotationPresent(Timespan.class) ? "ms" : "";
    }

    /** The event's own fields first. */
    private static List<Field> fields(Class<? extends Event> event) {
        var fields = new ArrayList<Field>();
        for (Class<?> type = event; type != Event.class; type = type.getSuperclass()) {
            for (var field : type.getDeclaredFields()) {
                // The recorder has put fields of its own in.
                if (!Modifier.isStatic(field.getModifiers()) && !Modifier.isTransient(field.getModifiers())) {
                    fields.add(field);
                }
            }
        }
        return fields;
    }
}
