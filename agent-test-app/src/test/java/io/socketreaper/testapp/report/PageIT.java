package io.socketreaper.testapp.report;

import static io.socketreaper.testapp.harness.AgentSays.error;
import static io.socketreaper.testapp.harness.AgentSays.pageServed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.socketreaper.testapp.harness.AgentStatus;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import io.socketreaper.testapp.harness.Tool;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The status page and the report as a browser renders them, and who is kept out of the page. The pictures in README.md are taken here
 * with {@code -Dupdate-docs=true}.
 */
@Execution(ExecutionMode.SAME_THREAD)
class PageIT {
    private static final int LEAKS = 12;
    private static final int WIDTH = 1280;
    private static final int HEIGHT = 1120;
    private static final int NARROW = 400;
    private static final int TALL = 3000;
    private static final int REPORT_HEIGHT = 1040;
    private static final long BIGGEST_PICTURE = 150_000;
    private static final Set<String> PICTURES = new TreeSet<>(List.of("page-dark.png", "page-light.png", "report.png"));
    private static final Pattern PICTURE = Pattern.compile("images/([^)\\s]+)");
    private static final String TAKEN = "docs/images/taken-of.txt";
    private static final String EXPECTED = "-XX:+EnableDynamicAgentLoading";
    private static final Pattern SERVED = Pattern.compile("status page: http://[0-9.]+:(\\d+)/; .*needs: (\\w+)");
    private static final String LINE = "io.socketreaper.testapp.harness.Leaker.leak(Leaker.java:";
    private static final String SITE = "#sites tbody";
    private static final String ROWS = "return [...document.querySelectorAll('#sockets tbody tr')]"
            + ".filter(row => row.getClientRects().length).length";
    private static final String CHARTS =
            "return document.querySelectorAll('#chart-descriptors canvas, #chart-sockets canvas').length";
    private static final String SAMPLES = "return document.querySelectorAll('#samples tbody tr').length";
    private static final String FIGURES = "return [...document.querySelectorAll('[data-figure]')]"
            + ".map(figure => [figure.dataset.figure, figure.innerText, figure.dataset.value])";
    private static final String FOCUSED = "return document.activeElement.id";
    /** The contrast of all text that is seen, the worst first, and how bright the page is. */
    private static final String CONTRASTS = """
            const parts = colour => colour.match(/[\\d.]+/g).map(Number);
            const bright = colour => {
              const [red, green, blue] = parts(colour).map(part => part / 255)
                .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
              return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
            };
            const background = part => {
              const own = getComputedStyle(part).backgroundColor;
              return parts(own)[3] === 0 ? background(part.parentElement) : own;
            };
            const contrasts = [...document.querySelectorAll('header *, main *')].filter(part => part.checkVisibility()
              && [...part.childNodes].some(node => node.nodeType === 3 && node.data.trim())).map(part => {
              const both = [bright(getComputedStyle(part).color), bright(background(part))].sort((a, b) => b - a);
              return {contrast: (both[0] + 0.05) / (both[1] + 0.05), text: part.className + ': ' + part.textContent};
            });
            return {worst: contrasts.sort((a, b) => a.contrast - b.contrast)[0], count: contrasts.length,
              bright: bright(getComputedStyle(document.body).backgroundColor)};""";

    private static final double LEAST_CONTRAST = 4.5;
    private static final String CONTROLS = "return [...document.querySelectorAll("
            + "'a[href], button, input, select, textarea, summary, [tabindex=\"0\"]')].filter(control => control.checkVisibility())";
    private static final String OVERFLOW =
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth";

    /** What axe-core objects to, each with the first element. */
    private static final String VIOLATIONS = """

            document.querySelectorAll('details').forEach(part => part.open = true);
            return axe.run(document).then(found => found.violations.map(each =>
              each.id + ': ' + each.nodes.length + ', ' + each.nodes[0].html.slice(0, 200))
              .concat(found.passes.length < 20 ? ['axe-core has passed only ' + found.passes.length + ' rules'] : []))""";

    private static final int[] WIDTHS = {1280, 800, NARROW};

    /** The last figure of the curve of releases. */
    private static final String LAST_RELEASED =
            "return JSON.parse(document.getElementById('timeline-data').textContent).released.at(-1)";

    /** Rows with a cell that is not seen, or is cut: class and line are never. */
    private static final String HIDDEN = """
            return [...document.querySelectorAll('#sites tbody > tr:not(.more) > td, #releases .folding > tbody > tr:not(.more) > td')]
              .filter(cell => { const box = cell.getBoundingClientRect();
                return !box.width || !box.height || box.right > innerWidth && !cell.closest('.wide').scrollWidth; })
              .map(cell => cell.dataset.label)
              .concat([...document.querySelectorAll('#sites .place')].filter(place => place.scrollWidth > place.clientWidth + 1
                || place.getBoundingClientRect().right > innerWidth).map(place => place.textContent))
              .concat([...document.querySelectorAll('.wide, .fold pre')].filter(box => box.scrollWidth > box.clientWidth)
                .map(box => 'wider than its place: ' + box.id))""";

    @TempDir
    private Path directory;

    @Test
    void thePageShowsWhatTheAgentSays() throws Exception {
        try (var page = new Leaking();
                var browser = browser()) {
            page.leak(LEAKS);
            browser.light(WIDTH, HEIGHT).open(page.address);
            browser.await("two samples", () -> number(browser, SAMPLES), count -> count >= 2);
            assertFigures(browser, page, LEAKS, 0);
            assertEquals("Leaking", browser.text("#verdict strong"));
            assertTrue(
                    browser.text("#verdict").contains(LEAKS + " leaked sockets are still held"),
                    browser.text("#verdict"));
            assertTrue(browser.text("#sites .line").startsWith(LINE), browser.text("#sites .line"));
            assertTrue(browser.text("#sites .deed").startsWith("it shut the output"), browser.text("#sites .deed"));
            assertTrue(browser.text("h1").equals("Leaker"), browser.text("h1"));
            assertTrue(
                    browser.text("#state .facts").matches("host .* · pid " + page.pid() + " · .* · up .*"),
                    () -> browser.text("#state .facts"));
            assertTrue(browser.text("#sites pre").contains(LINE), browser.text("#sites pre"));
            assertEquals(Integer.toString(LEAKS), browser.text("#sites .held strong"));
            assertEquals(2, number(browser, CHARTS));

            assertEquals(LEAKS, number(browser, ROWS));
            browser.type("#q", page.peer());
            browser.await("one row", () -> number(browser, ROWS), rows -> rows == 1);
            assertTrue(browser.text("#sockets").contains(page.peer()));

            browser.open(page.address);
            browser.await("charts", () -> number(browser, CHARTS), charts -> charts == 2);
            assertReadable(browser, true);
            browser.dark(WIDTH, HEIGHT);
            assertReadable(browser, false);
            browser.light(NARROW, HEIGHT);
            browser.await("a page as wide as the window", () -> number(browser, OVERFLOW), more -> more == 0);
            browser.type("#q", page.peer());
            browser.await("one card", () -> number(browser, ROWS), rows -> rows == 1);
            assertEquals(List.of(), browser.complaints());
        }
    }

    @Test
    void theKeyboardAndTheTokenRelease() throws Exception {
        try (var page = new Leaking();
                var browser = browser()) {
            page.leak(LEAKS);
            browser.light(WIDTH, HEIGHT).open(page.address);
            browser.tabTo("token");
            browser.press(page.token + Browser.ENTER);
            browser.await("the token's welcome", () -> browser.text("#said"), "The token is right."::equals);
            browser.tabTo(browser.attribute(SITE, "id") + "-release");
            browser.press(Browser.ENTER);
            browser.await("none held", () -> browser.attribute("[data-figure=held]", "data-value"), "0"::equals);
            assertFigures(browser, page, 0, LEAKS);
            assertEquals("Leaks released", browser.text("#verdict strong"));
            page.awaitSockets(0);
            assertEquals(List.of(), browser.complaints());
        }
    }

    @Test
    void anUpdateLeavesTheReaderWhereTheyAre() throws Exception {
        try (var page = new Leaking();
                var browser = browser()) {
            page.leak(1);
            browser.light(WIDTH, HEIGHT).open(page.address);
            browser.script("[...document.styleSheets].at(-1).insertRule('#sites pre{max-height:3rem}')");
            String site = browser.attribute(SITE, "id");
            String scrolled = "document.querySelector('#" + site + "-frames').scrollTop";
            browser.script(scrolled + " = 20");
            assertEquals(20, number(browser, "return " + scrolled));
            int leaks = 1;
            for (String where : List.of(site + "-more-summary", site + "-issue-summary", "sockets-table")) {
                browser.tabTo(where);
                for (int i = 0; i < 2; i++) {
                    leakAndAwait(page, browser, "#sockets caption", ++leaks + " sockets");
                    assertEquals(where, browser.script(FOCUSED).getAsString());
                }
            }
            assertEquals(20, number(browser, "return " + scrolled));

            browser.click("#" + site + "-issue-summary");
            browser.tabTo(site + "-copy");
            leakAndAwait(page, browser, "#sites .held strong", Integer.toString(++leaks));
            assertEquals(site + "-copy", browser.script(FOCUSED).getAsString());

            browser.script("getSelection().selectAllChildren(document.querySelector('#sites .line'))");
            leakAndAwait(page, browser, "[data-figure=held]", Integer.toString(leaks + 1));
            assertTrue(
                    browser.script("return getSelection().toString()")
                            .getAsString()
                            .startsWith(LINE),
                    "what was selected is no more");
            assertEquals(Integer.toString(leaks), browser.text("#sites .held strong"));
            browser.script("getSelection().removeAllRanges()");
            browser.await(
                    "what came meanwhile",
                    () -> browser.text("#sites .held strong"),
                    Integer.toString(leaks + 1)::equals);
            assertEquals(List.of(), browser.complaints());
        }
    }

    private static void leakAndAwait(Leaking page, Browser browser, String selector, String shown) {
        page.child.ask("leak");
        browser.await(shown, () -> browser.text(selector), text -> text.startsWith(shown));
    }

    @Test
    void everyControlIsReachedByKeyboardAndCopiesWhatItSays() throws Exception {
        try (var page = new Leaking();
                var browser = browser()) {
            page.leak(2);
            browser.light(WIDTH, HEIGHT).open(page.address);
            browser.script("document.getElementById('stop').click(); window.reached = new Set();"
                    + "document.querySelectorAll('details').forEach(part => part.open = true);"
                    + "document.addEventListener('focusin', event => reached.add(event.target))");
            int controls = number(browser, CONTROLS + ".length");
            assertTrue(controls > 20, () -> controls + " controls");
            browser.press(Browser.TAB.repeat(controls + 10));
            assertEquals(
                    "[]",
                    browser.script(CONTROLS
                                    + ".filter(control => !reached.has(control)).map(control => control.outerHTML)")
                            .toString());

            browser.allowClipboard(page.origin());
            browser.click("#sites .copy");
            browser.await("the button to say so", () -> browser.text("#sites .copy"), "Copied"::equals);
            String copied =
                    browser.script("return navigator.clipboard.readText()").getAsString();
            assertEquals(
                    browser.script("return document.querySelector('#sites textarea').value")
                            .getAsString(),
                    copied);
            assertTrue(copied.startsWith("# Socket leak (half-closed): " + LINE), copied);
            assertEquals(List.of(), browser.complaints());
        }
    }

    @Test
    void withoutScriptsItFiltersAndReleases() throws Exception {
        try (var page = new Leaking();
                var browser = browser()) {
            page.leak(LEAKS);
            browser.light(WIDTH, HEIGHT).withoutScripts().open(page.address);
            assertEquals(LEAKS, number(browser, ROWS));
            browser.type("#q", page.peer());
            browser.click("#filter button");
            browser.await("one row", () -> number(browser, ROWS), rows -> rows == 1);
            browser.open(page.address + "?q=nothing+like+that");
            assertEquals(0, number(browser, ROWS));

            browser.open(page.address);
            browser.type("#token", page.token);
            browser.click("#" + browser.attribute(SITE, "id") + "-release");
            browser.await(
                    "the answer",
                    () -> browser.text("main"),
                    said -> said.contains("Release begun for " + LEAKS + " sockets"));
            page.await("none held", () -> page.status().held(), 0L);
            browser.click("main a");
            browser.await("none held", () -> browser.attribute("[data-figure=held]", "data-value"), "0"::equals);
            assertEquals(List.of(), browser.complaints());
        }
    }

    @Test
    void nobodyChangesAnythingWithoutTheTokenOrFromElsewhere() throws Exception {
        try (var page = new Leaking()) {
            page.leak(1);
            String form = "Content-Type: application/x-www-form-urlencoded";
            String token = "X-Socket-Reaper-Token: " + page.token;
            String body = "site=" + page.site();
            assertEquals(401, page.send("POST /release", body, page.host, form));
            assertEquals(
                    401, page.send("POST /release", body, page.host, form, "X-Socket-Reaper-Token: " + "0".repeat(32)));
            assertEquals(401, page.send("POST /release?" + body + "&token=" + page.token, "", page.host));
            assertEquals(405, page.send("GET /release?" + body + "&token=" + page.token, "", page.host, token));
            assertEquals(
                    403, page.send("POST /release", body, page.host, form, token, "Origin: http://elsewhere.example"));
            assertEquals(403, page.send("POST /release", body, page.host, form, token, "Origin: null"));
            assertEquals(403, page.send("POST /release", body, page.host, form, token, "Sec-Fetch-Site: cross-site"));
            assertEquals(403, page.send("POST /release", body, "Host: elsewhere.example:" + page.port, form, token));
            assertEquals(403, page.send("GET /live.json", "", "Host: elsewhere.example:" + page.port));
            assertEquals(403, page.send("GET /live.json", "", page.host, "Origin: http://elsewhere.example"));
            assertEquals(200, page.send("GET /live.json", "", page.host));
            assertEquals(1, page.status().held());
            page.awaitSockets(1);

            assertEquals(200, page.send("POST /release", body, page.host, form, token, "Origin: " + page.origin()));
            page.await("none held", () -> page.status().held(), 0L);
            page.awaitSockets(0);
        }
    }

    @Test
    void whereOthersCanReachItReadingNeedsTheToken() throws Exception {
        try (var child = Jvm.program(Leaker.class).agent("page=0.0.0.0:0").start()) {
            child.ask("leak");
            child.awaitEvent(error(
                    "page=0.0.0.0:0 is refused, because other machines could reach it: .*page.allow-remote=true"));
        }
        try (var page = new Leaking("page=0.0.0.0:0,page.allow-remote=true");
                var browser = browser()) {
            page.leak(1);
            assertEquals(401, page.send("GET /live.json", "", page.host));
            assertEquals(401, page.send("GET /live.json?token=" + page.token, "", page.host));
            assertEquals(
                    403,
                    page.send("GET /live.json", "", "Host: elsewhere.example", "X-Socket-Reaper-Token: " + page.token));
            assertEquals(200, page.send("GET /live.json", "", page.host, "X-Socket-Reaper-Token: " + page.token));
            browser.light(WIDTH, HEIGHT).open(page.address);
            assertFalse(browser.text("body").contains(LINE), "the line is on the locked page");
            browser.type("#token", page.token + Browser.ENTER);
            browser.await("the page", () -> browser.text("body"), text -> text.contains(LINE));
            browser.await("an update", () -> browser.text("#pulse"), "Live"::equals);
            assertEquals(List.of(), browser.complaints());
        }
    }

    @Test
    void theReportIsOneFileThatAsksNobody() throws Exception {
        var report = directory.resolve("report.html");
        try (var page = new Leaking();
                var browser = browser()) {
            page.leak(LEAKS);
            int released = 3;
            for (int i = 0; i < released; i++) {
                Tool.run(0, "release", page.pid(), page.socket(i));
                page.await("a release", () -> page.status().released(), i + 1L);
            }
            browser.open(page.address);
            browser.await("two samples", () -> number(browser, SAMPLES), count -> count >= 2);
            String said = Tool.run(0, "report", page.pid(), "-o", report.toString());
            browser.light(WIDTH, HEIGHT).open(report.toUri().toString());
            browser.await("charts", () -> number(browser, CHARTS), charts -> charts == 2);
            String verdict = browser.text("#verdict p");
            assertTrue(said.startsWith(verdict + "\n"), said);
            assertTrue(
                    verdict.startsWith((LEAKS - released) + " leaked sockets are still held")
                            && verdict.contains(" leaked at Leaker.leak(Leaker.java:")
                            && verdict.contains("the agent released " + released),
                    verdict);
            assertFigures(browser, page, LEAKS - released, released);
            assertTrue(browser.text("#sites pre").contains(LINE), browser.text("#sites pre"));
            assertTrue(browser.text("#releases").contains("drained: 6 bytes discarded"), browser.text("#releases"));
            browser.type("#q", page.peer());
            browser.await("one row", () -> number(browser, ROWS), rows -> rows == 1);
            assertEquals(0, number(browser, "return performance.getEntriesByType('resource').length"));
            assertEquals(
                    0,
                    number(
                            browser,
                            "return document.querySelectorAll('[src], link[href]:not([href^=\"data:\"])').length"));

            browser.open(report.toUri().toString());
            browser.await("charts", () -> number(browser, CHARTS), charts -> charts == 2);
            browser.light(NARROW, HEIGHT);
            browser.await("a report as wide as the window", () -> number(browser, OVERFLOW), more -> more == 0);
            assertEquals(List.of(), browser.complaints());

            Tool.run(0, "report", page.pid(), "--addresses=masked", "-o", report.toString());
            String masked = Files.readString(report);
            assertTrue(masked.contains("host-1"));
            assertFalse(masked.contains("127.0.0.1:" + page.peer().replaceFirst(".*:", "")), page.peer());
        }
    }

    /** Three handlers of one accept loop lose connections; the pictures of the documentation are of this page. */
    @Test
    void aLeakThatGrowsIsShownWithItsEndItsLinesAndItsHolders() throws Exception {
        try (var child = Jvm.program(TwoHandlers.class)
                        .option(EXPECTED)
                        .descriptors(300)
                        .agent("track=all,probe=off,timeout=1s,action=log,log-interval=1s,page=127.0.0.1:0")
                        .start();
                var browser = browser()) {
            child.tell("orders");
            var served = SERVED.matcher(child.awaitEvent(pageServed()).message());
            assertTrue(served.find(), "it is served");
            String address = "http://127.0.0.1:" + served.group(1) + "/";
            browser.light(WIDTH, HEIGHT).open(address);
            for (int samples = 2; samples < 8; samples++) {
                List.of("orders", "orders", "orders", "orders", "orders", "invoices", "invoices", "prices")
                        .forEach(child::tell);
                int wanted = samples;
                browser.await("a sample", () -> number(browser, SAMPLES), count -> count >= wanted);
            }
            String pid = Long.toString(child.pid());
            Tool.run(0, "holders", pid, "--yes");
            browser.await(
                    "all handlers and who holds the sockets",
                    () -> browser.text("#sites") + browser.text("#holders"),
                    text -> Stream.of(
                                    "Orders.handle(",
                                    "Invoices.handle(",
                                    "Prices.answer(",
                                    "by static TwoHandlers.KEPT")
                            .allMatch(text::contains));
            assertTrue(
                    browser.text("#verdict").contains("at this rate the limit of 300 descriptors"),
                    () -> browser.text("#verdict"));
            browser.open(address);
            browser.await(
                    "a forecast on the chart",
                    () -> browser.text("#chart-descriptors"),
                    text -> text.contains("If it goes on like that"));
            assertSorts(browser);
            for (int width : WIDTHS) {
                seen(browser.light(width, TALL), "page-" + width);
                assertShowsEverything(browser);
                seen(browser.dark(width, TALL), "page-dark-" + width);
            }
            browser.light(WIDTH, HEIGHT).open(address);
            browser.await("charts", () -> number(browser, CHARTS), charts -> charts == 2);
            picture(browser, "page-light.png");
            picture(browser.dark(WIDTH, HEIGHT), "page-dark.png");

            var site = Tool.json("sites", pid).getAsJsonArray().get(1).getAsJsonObject();
            long held = site.getAsJsonObject("totals").get("held").getAsLong();
            Tool.run(0, "release", pid, "--site", site.get("id").getAsString());
            Tool.await(
                    child,
                    held + " releases",
                    status -> new AgentStatus(status.getAsJsonObject()).total("released") == held,
                    "status",
                    pid);
            var report = directory.resolve("report.html");
            Tool.run(0, "report", pid, "-o", report.toString());
            browser.light(WIDTH, REPORT_HEIGHT).open(report.toUri().toString());
            browser.await("charts", () -> number(browser, CHARTS), charts -> charts == 2);
            picture(browser, "report.png");
            for (int width : WIDTHS) {
                seen(browser.light(width, TALL), "report-" + width);
                assertShowsEverything(browser);
            }
            assertEquals(held, number(browser, LAST_RELEASED));
            assertEquals(List.of(), browser.complaints());
        }
    }

    /** The checks of axe-core, as a script. */
    private static String axe() {
        try (var in = PageIT.class
                .getClassLoader()
                .getResourceAsStream("META-INF/resources/webjars/axe-core/4.6.3/axe.min.js")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertShowsEverything(Browser browser) {
        assertEquals(List.of(), browser.complaints());
        assertEquals("[]", browser.script(axe() + VIOLATIONS).toString());
        // Of axe-core itself, on the canvas that it has read.
        browser.complaints();
        browser.await("as wide as the window", () -> number(browser, OVERFLOW), more -> more == 0);
        assertEquals("[]", browser.script(HIDDEN).toString());
    }

    /** By line of code, and back by the number of held ones; an update does not change it. */
    private static void assertSorts(Browser browser) {
        var before = heldBySite(browser);
        var ascending = before.stream().sorted().toList();
        assertEquals(before.stream().sorted(Comparator.reverseOrder()).toList(), before, "the most held first");
        assertEquals("descending", browser.attribute("#sites th:nth-child(3)", "aria-sort"));
        browser.click("#sites-table-by-2");
        assertEquals(ascending, heldBySite(browser));
        assertEquals("ascending", browser.attribute("#sites th:nth-child(3)", "aria-sort"));
        var time = browser.text("#state");
        browser.await("an update", () -> browser.text("#state"), now -> !now.equals(time));
        assertEquals(ascending, heldBySite(browser));
    }

    private static List<Integer> heldBySite(Browser browser) {
        return browser
                .script("return [...document.querySelectorAll('#sites .held strong')].map(count => +count.textContent)")
                .getAsJsonArray()
                .asList()
                .stream()
                .map(JsonElement::getAsInt)
                .toList();
    }

    /** Kept for a person to look at. */
    private static void seen(Browser browser, String name) throws IOException {
        browser.screenshot(Path.of("target", "images", name + ".png").toAbsolutePath());
    }

    /** Without a page figures are only taken while a socket shows a sign; the curve ended before the release. */
    @Test
    void theTimelineOfAReportGoesOnAfterTheLastRelease() throws Exception {
        var report = directory.resolve("report.html");
        try (var child = Jvm.program(Leaker.class)
                .option(EXPECTED)
                .agent("timeout=1s,action=drain,log-interval=1s")
                .start()) {
            child.ask("leak");
            child.ask("leak");
            String pid = Long.toString(child.pid());
            Tool.await(
                    child,
                    "2 releases",
                    status -> new AgentStatus(status.getAsJsonObject()).total("released") == 2,
                    "status",
                    pid);
            List<Integer> released = List.of();
            long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
            while (released.stream().filter(count -> count == 2).count() < 2 && System.nanoTime() - deadline < 0) {
                Tool.run(0, "report", pid, "-o", report.toString());
                released = releasedOverTime(Files.readString(report));
            }
            assertEquals(List.of(2, 2), released.subList(released.size() - 2, released.size()), released::toString);
        }
    }

    private static List<Integer> releasedOverTime(String html) {
        return JsonParser.parseString(html.replaceAll("(?s).*id=\"timeline-data\">(.*?)</script>.*", "$1"))
                .getAsJsonObject()
                .getAsJsonArray("released")
                .asList()
                .stream()
                .map(JsonElement::getAsInt)
                .toList();
    }

    @Test
    void thePicturesInTheDocumentationAreOfThisPage() throws IOException {
        if (Boolean.getBoolean("update-docs")) {
            return;
        }
        var named = new TreeSet<String>();
        for (var text : List.of("README.md", "docs/page.md")) {
            PICTURE.matcher(Files.readString(root().resolve(text)))
                    .results()
                    .forEach(picture -> named.add(picture.group(1)));
        }
        assertEquals(PICTURES, named);
        try (var files = Files.list(root().resolve("docs/images"))) {
            assertEquals(
                    PICTURES,
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".png"))
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
        var sources = sources();
        assertEquals(
                PICTURES.stream().collect(Collectors.toMap(name -> name, name -> sources)),
                taken(),
                "these were taken before the page was changed; look at them after: mvn verify -Dit.test=PageIT -Dupdate-docs=true");
    }

    // -- What is seen

    private Browser browser() throws IOException {
        return new Browser(Files.createTempDirectory(directory, "profile"));
    }

    private static int number(Browser browser, String script) {
        return browser.script(script).getAsInt();
    }

    /** The same figures from the command line, and descriptors from the kernel: as soon as the page has had its next update. */
    private static void assertFigures(Browser browser, Leaking page, long held, long released) {
        var wanted = List.of(held, held + released, released);
        var figures = browser.await(
                "the figures " + wanted + " and as many suspects as there are",
                () -> figures(browser),
                shown -> List.of(shown.get("held"), shown.get("found"), shown.get("released"))
                                .equals(wanted)
                        && shown.get("suspects") == page.status().suspects()
                        // Whoever asks needs a descriptor or two.
                        && Math.abs(shown.get("open") - new File("/proc/" + page.child.pid() + "/fd").list().length)
                                <= 4
                        && browser.text(".kinds").contains(held + " finished but held") == held > 0);
        var status = page.status();
        assertEquals(wanted, List.of(status.held(), status.found(), status.released()), figures::toString);
        String limit = String.format("of %,d open", status.limit());
        assertTrue(browser.text(".descriptors").contains(limit), limit);
    }

    /** All of one update, as shown and as the scripts read them. */
    private static Map<String, Long> figures(Browser browser) {
        Map<String, Long> figures = new TreeMap<>();
        for (var figure : browser.script(FIGURES).getAsJsonArray()) {
            var shown = figure.getAsJsonArray();
            assertEquals(
                    shown.get(1).getAsString().replace(",", ""), shown.get(2).getAsString(), shown::toString);
            figures.put(shown.get(0).getAsString(), shown.get(2).getAsLong());
        }
        return figures;
    }

    private static void assertReadable(Browser browser, boolean light) {
        var seen = browser.script(CONTRASTS).getAsJsonObject();
        assertEquals(light, seen.get("bright").getAsDouble() > 0.5, seen::toString);
        assertTrue(seen.get("count").getAsInt() > 100, seen::toString);
        assertTrue(seen.getAsJsonObject("worst").get("contrast").getAsDouble() >= LEAST_CONTRAST, seen::toString);
    }

    private static void picture(Browser browser, String name) throws IOException {
        boolean kept = Boolean.getBoolean("update-docs");
        assertTrue(PICTURES.contains(name), name);
        var file = (kept ? root().resolve("docs/images") : Path.of("target", "images"))
                .resolve(name)
                .toAbsolutePath();
        browser.screenshot(file);
        if (kept) {
            assertTrue(Files.size(file) < BIGGEST_PICTURE, file + " has " + Files.size(file) + " bytes");
            var taken = taken();
            taken.put(name, sources());
            Files.writeString(
                    root().resolve(TAKEN),
                    taken.entrySet().stream()
                            .map(picture -> picture.getValue() + "  " + picture.getKey() + "\n")
                            .collect(Collectors.joining()));
        }
    }

    /** By picture, the sources that it was taken of. */
    private static Map<String, String> taken() throws IOException {
        Map<String, String> taken = new TreeMap<>();
        for (var line : Files.readAllLines(root().resolve(TAKEN))) {
            taken.put(line.split(" +")[1], line.split(" +")[0]);
        }
        return taken;
    }

    /** A hash of all that makes page and report what they look like. */
    private static String sources() throws IOException {
        var digest = new CRC32();
        for (var room : List.of("java", "resources")) {
            try (var files = Files.list(root().resolve("agent/src/main/" + room + "/io/socketreaper/html"))) {
                for (var file : files.sorted().toList()) {
                    digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
                    digest.update(Files.readAllBytes(file));
                }
            }
        }
        return String.format("%08x", digest.getValue());
    }

    private static Path root() {
        return Files.isDirectory(Path.of("docs")) ? Path.of("") : Path.of("..");
    }

    private record Counts(long held, long found, long released, long suspects, long limit) {}

    /** A JVM that leaks on command, and its page. */
    private static final class Leaking implements AutoCloseable {
        private static final int SILENCE_MILLIS = (int) Duration.ofSeconds(30).toMillis();

        private final ChildJvm child;
        private final int port;
        private final String token;
        private final String address;
        private final String host;

        Leaking() {
            this("page=127.0.0.1:0");
        }

        Leaking(String more) {
            child = Jvm.program(Leaker.class)
                    .option(EXPECTED)
                    .agent("timeout=1s,action=log,log-interval=1s," + more)
                    .start();
            child.ask("leak");
            var served = SERVED.matcher(child.awaitEvent(pageServed()).message());
            if (!served.find()) {
                throw child.failure("its page has no address or no token");
            }
            port = Integer.parseInt(served.group(1));
            token = served.group(2);
            address = origin() + "/";
            host = "Host: 127.0.0.1:" + port;
        }

        String origin() {
            return "http://127.0.0.1:" + port;
        }

        /** In all; returns when all are found. */
        void leak(int count) {
            for (int i = 1; i < count; i++) {
                child.ask("leak");
            }
            await("all leaks", () -> status().found(), (long) count);
        }

        String pid() {
            return Long.toString(child.pid());
        }

        Counts status() {
            var status = AgentStatus.of(child);
            long found = status.total("found");
            long released = status.total("released");
            return new Counts(
                    found - released - status.total("releasedAfterAll"),
                    found,
                    released,
                    status.number("suspects"),
                    status.number("limit"));
        }

        private JsonObject first(String command, int index) {
            return Tool.json(command, pid()).getAsJsonArray().get(index).getAsJsonObject();
        }

        String site() {
            return first("sites", 0).get("id").getAsString();
        }

        String peer() {
            return first("sockets", 0).get("peer").getAsString();
        }

        String socket(int index) {
            return first("sockets", index).get("id").getAsString();
        }

        /** What the kernel knows: so many leaked ones, and the one that the page listens on. */
        void awaitSockets(int leaked) {
            await("sockets of the child", () -> child.ask("held"), "held " + (leaked + 1));
        }

        <T> void await(String what, Supplier<T> seen, T wanted) {
            T last = seen.get();
            for (long end = System.nanoTime() + ChildJvm.PATIENCE.toNanos(); !last.equals(wanted); last = seen.get()) {
                if (System.nanoTime() - end > 0) {
                    throw child.failure(what + ": wanted " + wanted + ", last seen " + last);
                }
            }
        }

        /** The status of the answer to a request that a browser might not be able to send. */
        int send(String request, String body, String... headers) throws IOException {
            try (var socket = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
                socket.setSoTimeout(SILENCE_MILLIS);
                socket.getOutputStream()
                        .write((request + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\nContent-Length: "
                                        + body.length() + "\r\nConnection: close\r\n\r\n" + body)
                                .getBytes(StandardCharsets.US_ASCII));
                var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return Integer.parseInt(answer.split(" ", 3)[1]);
            }
        }

        @Override
        public void close() {
            child.close();
        }
    }
}
