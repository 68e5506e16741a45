package io.socketreaper.testapp.command;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Tool;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The command {@code list}. */
@Isolated // it asks every JVM of this machine, those of other tests, too
class ListIT {
    @Test
    void listNamesTheJvmsAndNotItself() {
        try (var app =
                Jvm.app("run", "tcpserver", "--sockets", "1", "--for", "60s").start()) {
            app.awaitOut("s held=1 ");
            try (var list = Tool.start("list", "--json")) {
                list.awaitEnd().expectExitCode(0);
                var jvms = Tool.parsed(String.join("\n", list.out())).getAsJsonArray();
                var jvm = listed(jvms, app);
                app.expect("main", true, jvm.get("main").getAsString().endsWith("agent-test-app.jar"));
                app.expect(
                        "JDK",
                        System.getProperty("java.version"),
                        jvm.get("jdk").getAsString());
                app.expect("agent", "none", jvm.get("agent").getAsString());
                int open = jvm.get("descriptors").getAsInt();
                app.expect(
                        "descriptors", true, 0 < open && open < jvm.get("limit").getAsInt());
                list.expect(
                        "itself",
                        false,
                        jvms.asList().stream()
                                .anyMatch(each ->
                                        each.getAsJsonObject().get("pid").getAsLong() == list.pid()));
            }
            app.expect(
                    "threads printed",
                    List.of(),
                    app.out().stream()
                            .filter(line -> line.contains("thread dump"))
                            .toList());
        }
    }

    @Test
    void listLeavesAloneAJvmThatASignalWouldEnd() {
        try (var app = Jvm.app("run", "tcpserver", "--sockets", "1", "--for", "60s")
                .option("-Xrs")
                .start()) {
            app.awaitOut("s held=1 ");
            app.expect(
                    "why its agent is unknown",
                    true,
                    whyUnknown(app).startsWith("it does not listen for an attach (-Xrs"));
            app.expect("alive after that", true, app.isAlive());
        }
    }

    @Test
    void listLeavesAloneAJvmThatHasNoDescriptorsLeft() {
        try (var app = Jvm.app("run", "tcpserver", "--sockets", "60", "--for", "60s")
                .descriptors(90)
                .start()) {
            app.awaitOut("s held=");
            app.expect(
                    "why its agent is unknown",
                    true,
                    whyUnknown(app)
                            .matches("it has only \\d+ descriptors left, and answering could use up the last ones"));
        }
    }

    private static JsonObject listed(JsonArray jvms, ChildJvm child) {
        return jvms.asList().stream()
                .map(JsonElement::getAsJsonObject)
                .filter(jvm -> jvm.get("pid").getAsLong() == child.pid())
                .findFirst()
                .orElseThrow(() -> child.failure("it is not among " + jvms));
    }

    private static String whyUnknown(ChildJvm child) {
        var jvm = listed(Tool.json("list").getAsJsonArray(), child);
        child.expect("no agent in " + jvm, false, jvm.has("agent"));
        return jvm.get("whyUnknown").getAsString();
    }
}
