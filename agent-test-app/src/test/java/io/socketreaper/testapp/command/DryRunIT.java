package io.socketreaper.testapp.command;

import static io.socketreaper.testapp.harness.EventPattern.drained;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.JmxClient;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import io.socketreaper.testapp.harness.Tool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With {@code action=log} the agent tells what a release would have hurt. */
class DryRunIT {
    @Test
    void advisesFromWhatBecameOfReportedLeaks() throws Exception {
        try (var child = Jvm.program(Leaker.class)
                .agent("action=log,timeout=500ms,silent.timeout=500ms")
                .start()) {
            String pid = Long.toString(child.pid());
            child.ask("leak");
            child.ask("leak");
            awaitStrong(child, 2, 0);
            Tool.expect(
                    child,
                    Tool.run(0, "advise", pid),
                    "^2 leaks reported and not released in .*; none was touched again; too little was seen to call a"
                            + " release safe$",
                    "^strong +2 +2 +0 +0 +too little seen: 0 of them were watched for 1 h, 30 are needed$",
                    "^weak +0 +0 +0 +0 +no such leak was reported$",
                    "^No grade can be called safe yet");

            child.ask("read");
            JsonObject answer = awaitStrong(child, 2, 1);
            JsonObject back = answer.getAsJsonArray("cameBack").get(0).getAsJsonObject();
            child.expect("settings", 0, answer.getAsJsonArray("settings").size());
            child.expect(
                    "a setting that spares it",
                    true,
                    back.get("timeout").getAsString().matches("half-closed\\.timeout=\\d+m?s"));
            child.expect(
                    "an exclusion that spares it",
                    "exclude=stack:io.socketreaper.testapp.harness.Leaker",
                    back.get("exclude").getAsString());
            child.expect(
                    "the line",
                    true,
                    back.getAsJsonObject("row").get("location").getAsString().contains("Leaker.leak(Leaker.java:"));
            Tool.expect(
                    child,
                    Tool.run(0, "status", pid),
                    "^dry run +[23] leaks reported and not released in .*; the application came back for 1, after .* without"
                            + " use at .*Leaker\\.leak.*; see: advise " + pid + "$");
            try (var jmx = new JmxClient(child)) {
                jmx.awaitReaper(child);
                String verdict = (String) jmx.get("DryRunVerdict");
                child.expect("verdict", true, verdict.contains("the application came back for 1, after "));
                child.expect("advised settings", 0, ((String[]) jmx.get("AdvisedSettings")).length);
            }

            Tool.expect(
                    child,
                    Tool.run(0, "set", pid, "action=drain"),
                    "; 1 leak that was reported is to be released now, unless used or excluded$",
                    "^advise " + pid
                            + " calls no grade safe yet: the application came back for 1 of them \\(strong\\)$");
            child.awaitEvent(drained(6));
            child.tell("end");
            child.awaitEnd().expectExitCode(0);
        }
    }

    /** The harmful case: a release would have taken what was read. On every stack of the JDK, and TLS. */
    @ParameterizedTest
    @CsvSource({"half-closed,read", "all,read", "half-closed,close", "all,close"})
    void aLeakThatIsReadAndClosedAtOnceWasInUse(String track, String word) throws Exception {
        try (var child = Jvm.program(LateAnswers.class)
                .agent("action=log,timeout=500ms,silent.timeout=500ms,track=" + track)
                .start()) {
            child.awaitOut("ready 4");
            awaitAll(child, 4, 0, 0);
            boolean read = word.equals("read");
            child.tell(word);
            child.awaitOut(read ? "read 83,83,83,83" : "close 4");
            awaitAll(child, 4, read ? 4 : 0, read ? 0 : 4);
            child.tell("end");
            child.awaitEnd().expectExitCode(0);
        }
    }

    /** Asks until so many leaks of all grades together were reported, used and closed. */
    private static void awaitAll(ChildJvm child, int reported, int used, int closed) {
        Tool.await(
                child,
                reported + " leaks reported, " + used + " used again, " + closed + " closed",
                answer -> sum(answer, "reported") == reported
                        && sum(answer, "used") == used
                        && sum(answer, "closed") == closed,
                "advise",
                Long.toString(child.pid()));
    }

    private static int sum(JsonElement answer, String count) {
        int sum = 0;
        for (JsonElement grade : answer.getAsJsonObject().getAsJsonArray("grades")) {
            sum += grade.getAsJsonObject().get(count).getAsInt();
        }
        return sum;
    }

    /** Asks until so many strong leaks were reported, and the application came back for so many of them. */
    private static JsonObject awaitStrong(ChildJvm child, int reported, int used) {
        return Tool.await(
                        child,
                        reported + " strong leaks reported, " + used + " used again",
                        answer -> {
                            JsonObject strong = answer.getAsJsonObject()
                                    .getAsJsonArray("grades")
                                    .get(1)
                                    .getAsJsonObject();
                            return strong.get("reported").getAsInt() == reported
                                    && strong.get("used").getAsInt() == used;
                        },
                        "advise",
                        Long.toString(child.pid()))
                .getAsJsonObject();
    }
}
