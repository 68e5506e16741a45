package io.socketreaper.testapp.report;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.FreePort;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Debian's Chromium without a window, driven over WebDriver; it has a profile of its own and never outlives the test. */
final class Browser implements Closeable {
    static final String TAB = "\uE004";
    static final String ENTER = "\uE007";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MOST_REPLACED = 10;
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final Pattern PORT = Pattern.compile(".*started successfully on port (\\d+).*");
    private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

    private final HttpClient http = HttpClient.newHttpClient();
    private final Gson gson = new Gson();
    private final ChildJvm driver;
    private final String session;

    /** @param profile an empty directory */
    Browser(Path profile) throws IOException {
        if (!Files.isExecutable(CHROMIUM) || !Files.isExecutable(DRIVER)) {
            throw new AssertionError("the page is tested in a real browser, and " + CHROMIUM + " or " + DRIVER
                    + " is not there; .ci/setup"
                    + " installs them: apt-get install -y --no-install-recommends chromium chromium-driver");
        }
        // Not 0: it takes a free port of ::1 then, and ends if that one is not free on 127.0.0.1.
        driver = new ChildJvm(new ProcessBuilder(DRIVER.toString(), "--port=" + FreePort.next()));
        var started = PORT.matcher(driver.awaitOut("started successfully on port").out().stream()
                .filter(line -> PORT.matcher(line).matches())
                .findFirst()
                .orElseThrow());
        if (!started.matches()) {
            throw driver.failure("it names no port");
        }
        String base = "http://127.0.0.1:" + started.group(1) + "/session";
        var options = Map.of(
                "binary",
                CHROMIUM.toString(),
                "args",
                List.of(
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--hide-scrollbars",
                        "--force-color-profile=srgb",
                        "--disable-dev-shm-usage",
                        "--user-data-dir=" + profile));
        var answer = send(
                "POST",
                base,
                Map.of(
                        "capabilities",
                        Map.of(
                                "alwaysMatch",
                                Map.of(
                                        "browserName",
                                        "chrome",
                                        "goog:loggingPrefs",
                                        Map.of("browser", "ALL"),
                                        "goog:chromeOptions",
                                        options))));
        session = base + "/" + answer.getAsJsonObject().get("sessionId").getAsString();
    }

    // -- What a user sees to

    Browser open(String address) {
        post("/url", Map.of("url", address));
        return this;
    }

    Browser light(int width, int height) {
        return as("light", width, height);
    }

    Browser dark(int width, int height) {
        return as("dark", width, height);
    }

    private Browser as(String scheme, int width, int height) {
        devTools(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        devTools(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        return this;
    }

    /** Lets scripts of that origin write and read it, as a user would by clicking. */
    void allowClipboard(String origin) {
        devTools(
                "Browser.grantPermissions",
                Map.of("origin", origin, "permissions", List.of("clipboardReadWrite", "clipboardSanitizedWrite")));
    }

    Browser withoutScripts() {
        devTools("Emulation.setScriptExecutionDisabled", Map.of("value", true));
        return this;
    }

    /** The visible text of the first element that the selector names. */
    String text(String selector) {
        return read(selector, "/text").getAsString();
    }

    String attribute(String selector, String name) {
        var value = read(selector, "/attribute/" + name);
        return value.isJsonNull() ? null : value.getAsString();
    }

    void click(String selector) {
        retried(() -> post("/element/" + find(selector) + "/click", Map.of()));
    }

    void type(String selector, String text) {
        post("/element/" + find(selector) + "/value", Map.of("text", text));
    }

    /** Presses keys, one after the other, where the focus is. */
    void press(String keys) {
        var press = keys.chars()
                .mapToObj(Character::toString)
                .flatMap(key ->
                        Stream.of(Map.of("type", "keyDown", "value", key), Map.of("type", "keyUp", "value", key)))
                .toList();
        post("/actions", Map.of("actions", List.of(Map.of("type", "key", "id", "keyboard", "actions", press))));
    }

    /** Moves the focus with the Tab key to the element of that id. */
    void tabTo(String id) {
        for (int i = 0; i < 100; i++) {
            if (id.equals(script("return document.activeElement.id").getAsString())) {
                return;
            }
            press(TAB);
        }
        throw new AssertionError("no Tab leads to " + id);
    }

    JsonElement script(String body) {
        return post("/execute/sync", Map.of("script", body, "args", List.of()));
    }

    /** Polls, for what has only been asked for. While another page is loading its elements are not there. */
    <T> T await(String what, Supplier<T> seen, Predicate<T> wanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Object last;
        do {
            try {
                T now = seen.get();
                if (wanted.test(now)) {
                    return now;
                }
                last = now;
            } catch (AssertionError missing) {
                if (!missing.getMessage().contains("no such element")) {
                    throw missing;
                }
                last = missing.getMessage();
            }
            LockSupport.parkNanos(50_000_000);
        } while (System.nanoTime() - deadline < 0);
        throw new AssertionError(what + " has not come within " + PATIENCE + "; last seen: " + last);
    }

    /** What the browser complained about: scripts, the security policy, the network. */
    List<String> complaints() {
        return send("POST", session + "/se/log", Map.of("type", "browser")).getAsJsonArray().asList().stream()
                .map(entry -> entry.getAsJsonObject().get("message").getAsString())
                .toList();
    }

    /** Saves what is on the screen. */
    void screenshot(Path file) throws IOException {
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, Base64.getDecoder().decode(get("/screenshot").getAsString()));
    }

    // -- The protocol

    /** A page that lives may replace the element between being found and being read or clicked. */
    private JsonElement read(String selector, String what) {
        return retried(() -> get("/element/" + find(selector) + what));
    }

    private static JsonElement retried(Supplier<JsonElement> step) {
        for (int i = 0; ; i++) {
            try {
                return step.get();
            } catch (AssertionError replaced) {
                if (i == MOST_REPLACED || !replaced.getMessage().contains("stale element reference")) {
                    throw replaced;
                }
            }
        }
    }

    private String find(String selector) {
        return post("/element", Map.of("using", "css selector", "value", selector))
                .getAsJsonObject()
                .get(ELEMENT)
                .getAsString();
    }

    private void devTools(String command, Map<String, Object> parameters) {
        post("/goog/cdp/execute", Map.of("cmd", command, "params", parameters));
    }

    private JsonElement get(String path) {
        return send("GET", session + path, null);
    }

    private JsonElement post(String path, Object body) {
        return send("POST", session + path, body);
    }

    private JsonElement send(String method, String address, Object body) {
        var request = HttpRequest.newBuilder(URI.create(address))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(gson.toJson(body)));
        try {
            var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            var value = gson.fromJson(answer.body(), JsonObject.class).get("value");
            if (answer.statusCode() != 200) {
                throw new AssertionError(method + " " + address + " " + body + ": "
                        + value.getAsJsonObject().get("message"));
            }
            return value == null ? new JsonArray() : value;
        } catch (IOException e) {
            throw driver.failure("it does not answer: " + e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            send("DELETE", session, null);
        } finally {
            driver.close();
        }
    }
}
