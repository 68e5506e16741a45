package io.socketreaper.page;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.socketreaper.control.Control;
import io.socketreaper.control.ControlException;
import io.socketreaper.control.DryRunInfo;
import io.socketreaper.control.ReleaseAnswer;
import io.socketreaper.html.Samples;
import io.socketreaper.http.HttpRequest;
import io.socketreaper.http.HttpResponse;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusPageTest {
    private static final String LOCAL = "127.0.0.1:9405";
    private static final String TOKEN = "0123abcd";

    private final List<String> changed = new ArrayList<>();
    private boolean busy;
    private int asked;
    private final Control control = (Control) Proxy.newProxyInstance(
            Control.class.getClassLoader(),
            new Class<?>[] {Control.class},
            (proxy, method, arguments) -> answer(method.getName(), arguments));
    private final StatusPage page = new StatusPage(control, new AccessCheck(false, TOKEN));
    private final StatusPage remote = new StatusPage(control, new AccessCheck(true, TOKEN));

    private Object answer(String method, Object[] arguments) {
        if (busy) {
            throw new ControlException("the agent's thread did not answer");
        }
        var model = Samples.leaking();
        switch (method) {
            case "status":
                asked++;
                return model.status();
            case "sites":
                return model.sites();
            case "sockets":
                return model.sockets();
            case "history":
                return model.history();
            case "allOpen":
                return model.open();
            case "dryRun":
                return new DryRunInfo(0, 1, Map.of(), false, false, false, List.of());
            case "holders":
                return null;
            default:
        }
        changed.add(method + (arguments == null ? "" : " " + Arrays.asList(arguments)));
        if (arguments != null && Set.of("ffffffff", "bad=1", "99").contains(arguments[0].toString())) {
            throw new ControlException("there is no <" + arguments[0] + ">");
        }
        return method.startsWith("release") ? new ReleaseAnswer(2, 1, 3, 0) : method.equals("set") ? "changed" : null;
    }

    private static HttpResponse ask(StatusPage page, String method, String path, String form, String... headers) {
        Map<String, List<String>> map = new HashMap<>(Map.of("host", List.of(LOCAL)));
        for (int i = 0; i < headers.length; i += 2) {
            map.put(headers[i], List.of(headers[i + 1]));
        }
        boolean post = method.equals("POST");
        return page.handle(new HttpRequest(
                method,
                path,
                post ? "" : form,
                map,
                post ? form.getBytes(StandardCharsets.UTF_8) : new byte[0],
                LOCAL));
    }

    private static String text(HttpResponse answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    private static JsonObject json(HttpResponse answer) {
        assertEquals("application/json", answer.contentType());
        return JsonParser.parseString(text(answer)).getAsJsonObject();
    }

    @Test
    void thePageIsShownWithoutAToken() {
        var answer = ask(page, "GET", "/", "");
        assertEquals(200, answer.status());
        assertEquals("text/html; charset=utf-8", answer.contentType());
        assertTrue(text(answer).startsWith("<!DOCTYPE html>\n<html lang=\"en\">")
                && text(answer).contains("Session.reject(Session.java:41)"));
        assertTrue(!text(answer).contains(TOKEN), "the token is shown to nobody");
        assertArrayEquals(answer.body(), ask(page, "HEAD", "/", "").body());
        assertEquals(List.of(), changed);
    }

    @Test
    void everyAnswerForbidsWhatIsNotNeeded() {
        for (var answer : List.of(
                ask(page, "GET", "/", ""),
                ask(page, "GET", "/live.json", ""),
                ask(page, "GET", "/x", ""),
                ask(page, "POST", "/pause", ""),
                ask(page, "GET", "/", "", "origin", "null"),
                ask(remote, "GET", "/", ""))) {
            var policy = answer.headers().get("Content-Security-Policy");
            assertTrue(
                    policy.startsWith("default-src 'none'; ")
                            && policy.contains("frame-ancestors 'none'")
                            && !policy.contains("unsafe"),
                    policy);
            assertEquals("DENY", answer.headers().get("X-Frame-Options"));
            assertEquals("nosniff", answer.headers().get("X-Content-Type-Options"));
            assertEquals("no-store", answer.headers().get("Cache-Control"));
            assertEquals(null, answer.headers().get("Access-Control-Allow-Origin"));
        }
    }

    @Test
    void whatChangesIsJson() {
        var json = json(ask(page, "GET", "/live.json", ""));
        assertEquals(Set.of("parts", "timeline"), json.keySet());
        assertEquals(
                Set.of(
                        "state",
                        "verdict",
                        "figures",
                        "samples",
                        "sites",
                        "dry-run",
                        "holders",
                        "sockets",
                        "releases",
                        "settings"),
                json.getAsJsonObject("parts").keySet());
        assertEquals(3, json.getAsJsonObject("timeline").getAsJsonArray("time").size());
    }

    @Test
    void theFilterWorksWithoutAScript() {
        assertTrue(text(ask(page, "GET", "/", "q=192.0.2.9")).contains("<caption>1 of 2 sockets</caption>"));
        assertTrue(text(ask(page, "GET", "/", "q=nothing+like+it")).contains("None of them matches."));
        var hostile = text(ask(page, "GET", "/", "q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"));
        assertFalse(hostile.contains("<script>alert"), hostile);
        assertEquals(200, ask(page, "GET", "/", "q=%zz&&=&q").status());
    }

    @Test
    void withTheTokenItChanges() {
        String[] token = {"x-socket-reaper-token", TOKEN, "accept", "application/json"};
        assertEquals(
                "The token is right.",
                json(ask(page, "POST", "/check", "", token)).get("said").getAsString());
        assertEquals(
                "Release begun for 2 sockets; 1 spared by a veto or an exclusion; 3 not a leak yet (input from the peer restarts the idle time,"
                        + " too).",
                json(ask(page, "POST", "/release", "socket=7&action=close", token))
                        .get("said")
                        .getAsString());
        ask(page, "POST", "/release", "site=0a1b2c3d", token);
        assertEquals(
                "changed",
                json(ask(page, "POST", "/set", "settings=timeout%3D30s%2Caction%3Ddrain", token))
                        .get("said")
                        .getAsString());
        ask(page, "POST", "/pause", "", token);
        assertEquals(
                "Resumed.",
                json(ask(page, "POST", "/resume", "", token)).get("said").getAsString());
        assertEquals(
                List.of(
                        "releaseSocket [7, close]",
                        "releaseSite [0a1b2c3d, drain]",
                        "set [timeout=30s,action=drain]",
                        "pause",
                        "resume"),
                changed);
    }

    @Test
    void aFormCarriesTheTokenForThoseWithoutAScript() {
        var answer = ask(page, "POST", "/pause", "token=" + TOKEN, "origin", "http://" + LOCAL);
        assertEquals(200, answer.status());
        assertTrue(
                text(answer).contains("<h2>Done</h2><p>Paused: leaks are neither found nor released.</p>"),
                text(answer));
        assertEquals(List.of("pause"), changed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/check", "/release", "/set", "/pause", "/resume"})
    void withoutTheTokenNothingChanges(String path) {
        String form = "site=0a1b2c3d&socket=7&settings=action%3Ddrain";
        for (String offered : List.of("", "&token=", "&token=wrong", "&token=" + TOKEN + "0")) {
            assertEquals(401, ask(page, "POST", path, form + offered).status(), offered);
        }
        assertEquals(
                401,
                ask(page, "POST", path, form + "&token=" + TOKEN, "x-socket-reaper-token", "wrong")
                        .status());
        assertEquals(405, ask(page, "GET", path, form + "&token=" + TOKEN).status(), "a link");
        assertEquals(
                405,
                ask(page, "HEAD", path, form, "x-socket-reaper-token", TOKEN).status());
        assertEquals(
                403,
                ask(page, "POST", path, form + "&token=" + TOKEN, "origin", "http://evil.example")
                        .status());
        assertEquals(
                403,
                ask(page, "POST", path, form + "&token=" + TOKEN, "sec-fetch-site", "cross-site")
                        .status());
        assertEquals(List.of(), changed);
    }

    @Test
    void aRefusalIsSaidAndHarmless() {
        String[] token = {"x-socket-reaper-token", TOKEN};
        var answer = ask(page, "POST", "/release", "site=ffffffff", token);
        assertEquals(409, answer.status());
        assertTrue(text(answer).contains("<h2>Refused</h2><p>there is no &lt;ffffffff&gt;</p>"), text(answer));
        assertEquals(409, ask(page, "POST", "/set", "settings=bad%3D1", token).status());
        for (String socket : List.of("", "x", "1.5", "99999999999999999999")) {
            assertEquals(
                    400,
                    ask(page, "POST", "/release", "socket=" + socket, token).status(),
                    socket);
        }
    }

    @Test
    void nothingElseIsThere() {
        for (String path : List.of("/x", "//", "/live.json/", "/index.html", "/metrics", "/RELEASE")) {
            assertEquals(404, ask(page, "GET", path, "").status(), path);
        }
        assertEquals(
                "no page has this address",
                json(ask(page, "GET", "/x.json", "")).get("error").getAsString());
    }

    @Test
    void anAgentThatIsBusyIsSaid() {
        busy = true;
        assertEquals(503, ask(page, "GET", "/", "").status());
        assertEquals(
                "the agent's thread did not answer",
                json(ask(page, "GET", "/live.json", "")).get("error").getAsString());
        var change = ask(page, "POST", "/pause", "", "x-socket-reaper-token", TOKEN, "accept", "application/json");
        assertEquals(409, change.status());
        assertEquals(
                "the agent's thread did not answer", json(change).get("error").getAsString());
    }

    @Test
    void aThousandRequestsAskTheAgentOnceASecond() {
        long begin = System.nanoTime();
        for (int i = 0; i < 1000; i++) {
            assertEquals(
                    200, ask(page, "GET", i % 10 == 0 ? "/" : "/live.json", "").status());
        }
        long seconds = (System.nanoTime() - begin) / 1_000_000_000;
        assertTrue(asked <= seconds + 1, asked + " questions in " + seconds + " s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"site=0a1b2c3d", "site=ffffffff", "socket=x"})
    void whatIsShownAfterAChangeIsFresh(String form) {
        for (int before = 0; before < 3; before = asked) {
            ask(page, "POST", "/release", form, "x-socket-reaper-token", TOKEN);
            ask(page, "GET", "/live.json", "");
            assertEquals(before + 1, asked);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void beforeAnybodyLooksEverythingHasBeenRendered(boolean others) throws Exception {
        var classes = new FreshClasses();
        Class<?> accessCheck = classes.loadClass(AccessCheck.class.getName());
        var newGate = accessCheck.getDeclaredConstructor(boolean.class, String.class);
        newGate.setAccessible(true);
        Class<?> fresh = classes.loadClass(StatusPage.class.getName());
        var newPage = fresh.getDeclaredConstructor(Control.class, accessCheck);
        newPage.setAccessible(true);
        fresh.getMethod("warmUp").invoke(newPage.newInstance(control, newGate.newInstance(others, TOKEN)));
        for (String name : List.of(
                "ReportModel",
                "HtmlPages",
                "Document",
                "InlineAsset",
                "Sections",
                "HoldersSection",
                "Identity",
                "SiteCode",
                "SiteTable",
                "RowTable",
                "OutcomeTable",
                "CodeLine",
                "Forecast",
                "Headline",
                "Tables",
                "Timeline",
                "HtmlText",
                "IssueText")) {
            assertTrue(classes.has("io.socketreaper.html." + name), name);
        }
        assertTrue(classes.has(FormFields.class.getName()));
        assertEquals(List.of(), changed, "it only looks");
    }

    /** Classes of page and html as if nobody had used them yet. */
    private static final class FreshClasses extends ClassLoader {
        FreshClasses() {
            super(StatusPageTest.class.getClassLoader());
        }

        boolean has(String name) {
            return findLoadedClass(name) != null;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("io.socketreaper.page.") && !name.startsWith("io.socketreaper.html.")) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            try (var in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    @Test
    void anAnswerThatDidNotComeIsAskedForAgain() {
        busy = true;
        assertEquals(503, ask(page, "GET", "/live.json", "").status());
        busy = false;
        assertEquals(200, ask(page, "GET", "/live.json", "").status());
    }

    @Test
    void fromOtherMachinesReadingNeedsTheTokenToo() {
        var locked = ask(remote, "GET", "/", "q=192");
        assertEquals(200, locked.status());
        assertTrue(text(locked).contains("<h2>Locked</h2>") && !text(locked).contains("Session"), text(locked));
        assertEquals(401, ask(remote, "GET", "/live.json", "").status());
        assertEquals(401, ask(remote, "GET", "/live.json", "token=" + TOKEN).status(), "never in the address");
        assertEquals(401, ask(remote, "POST", "/", "token=wrong").status());
        var open = ask(remote, "POST", "/", "token=" + TOKEN);
        assertTrue(open.status() == 200 && text(open).contains("Session.reject"), text(open));
        assertEquals(
                200,
                ask(remote, "GET", "/live.json", "", "x-socket-reaper-token", TOKEN)
                        .status());
        assertEquals(401, ask(page, "POST", "/", "token=wrong").status());
    }

    @Test
    void theLogSaysWhatTheTokenIsFor() {
        assertEquals("token that changing anything needs: 0123abcd", page.tokenLine());
        assertEquals("token that reading and changing anything needs: 0123abcd", remote.tokenLine());
    }
}
