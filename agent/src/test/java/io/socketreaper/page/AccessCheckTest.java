package io.socketreaper.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.http.HttpRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessCheckTest {
    private static final String LOCAL = "127.0.0.1:9405";
    private static final String FOREIGN = "the request comes from another site";

    private final AccessCheck accessCheck = new AccessCheck(false, "0123abcd");
    private final AccessCheck remote = new AccessCheck(true, "0123abcd");

    private static HttpRequest ask(String method, String local, String... headers) {
        Map<String, List<String>> map = new HashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            map.put(headers[i], List.of(headers[i + 1].split("\\|")));
        }
        return new HttpRequest(method, "/", "", map, new byte[0], local);
    }

    private String refusal(String method, String... headers) {
        var all = new String[headers.length + 2];
        all[0] = "host";
        all[1] = LOCAL;
        System.arraycopy(headers, 0, all, 2, headers.length);
        return accessCheck.refusal(ask(method, LOCAL, all));
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:9405, 127.0.0.1:9405",
        "localhost:9405, 127.0.0.1:9405",
        "LocalHost:9405, 127.0.0.1:9405",
        "localhost:9405, 0:0:0:0:0:0:0:1:9405",
        "[::1]:9405, 0:0:0:0:0:0:0:1:9405",
        "127.0.0.1, 127.0.0.1:80",
        "localhost, 127.0.0.1:80",
        "[::1], 0:0:0:0:0:0:0:1:80"
    })
    void itsAddressIsItsName(String host, String local) {
        assertNull(accessCheck.refusal(ask("GET", local, "host", host)));
        assertNull(remote.refusal(ask("GET", local, "host", host)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example:9405",
                "localhost.evil.example:9405",
                "127.0.0.1.evil.example:9405",
                "127.0.0.1:9406",
                "127.0.0.1",
                "127.0.0.2:9405",
                "[::1]:9405",
                "10.0.0.1:9405",
                "2130706433:9405",
                "127.1:9405",
                "0177.0.0.1:9405",
                "localhost.:9405",
                "localhost:",
                "localhost:x",
                ":9405",
                "user@127.0.0.1:9405",
                "127.0.0.0/8:9405",
                "127.0.0.1:9405:9405",
                "[",
                "]:9405",
                "127.0.0.1:09405x"
            })
    void everyOtherNameIsRefused(String host) {
        String refusal = accessCheck.refusal(ask("GET", LOCAL, "host", host));
        assertEquals(
                "this page does not serve the host name \"" + host + "\": open it by the address in the log", refusal);
    }

    @Test
    void withoutAHostItIsRefused() {
        assertTrue(accessCheck.refusal(ask("GET", LOCAL)).startsWith("this page does not serve the host name \"\""));
        assertTrue(remote.refusal(ask("GET", LOCAL)).startsWith("this page does not serve the host name \"\""));
    }

    @Test
    void forOthersTheAddressMayHaveBeenTranslatedButIsNoName() {
        assertNull(remote.refusal(ask("GET", "10.0.0.1:9405", "host", "192.0.2.7:8080")));
        assertTrue(remote.refusal(ask("GET", "10.0.0.1:9405", "host", "evil.example:9405"))
                .startsWith("this page does not serve the host name"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "http://evil.example",
                "https://127.0.0.1:9405",
                "http://127.0.0.1:9406",
                "http://127.0.0.1",
                "http://localhost:9405",
                "http://127.0.0.1:9405.evil.example",
                "http://127.0.0.1:9405|http://evil.example"
            })
    void aForeignOriginIsRefusedWhateverTheMethod(String origin) {
        assertEquals(FOREIGN, refusal("POST", "origin", origin));
        assertEquals(FOREIGN, refusal("GET", "origin", origin));
    }

    @Test
    void itsOwnOriginMayPass() {
        assertNull(refusal("POST", "origin", "http://127.0.0.1:9405"));
        assertNull(refusal("POST", "origin", "HTTP://127.0.0.1:9405"));
        assertNull(refusal("POST"));
    }

    @Test
    void whatTheBrowserFetchesForAnotherSiteIsRefused() {
        for (String site : List.of("cross-site", "same-site", "anything")) {
            assertEquals(FOREIGN, refusal("GET", "sec-fetch-site", site), site);
            assertEquals(FOREIGN, refusal("POST", "sec-fetch-site", site), site);
            assertEquals(
                    FOREIGN,
                    refusal("GET", "sec-fetch-site", site, "sec-fetch-mode", "navigate", "sec-fetch-dest", "iframe"));
            assertEquals(
                    FOREIGN,
                    refusal(
                            "POST",
                            "sec-fetch-site",
                            site,
                            "sec-fetch-mode",
                            "navigate",
                            "sec-fetch-dest",
                            "document"));
            assertNull(
                    refusal("GET", "sec-fetch-site", site, "sec-fetch-mode", "navigate", "sec-fetch-dest", "document"),
                    "a link to the page");
        }
        assertNull(refusal("POST", "sec-fetch-site", "same-origin"));
        assertNull(refusal("GET", "sec-fetch-site", "none"));
    }

    @Test
    void onlyTheTokenOpens() {
        assertTrue(accessCheck.isToken("0123abcd"));
        assertTrue(accessCheck.isToken(" 0123abcd\n"), "as it is copied");
        for (String wrong : List.of("", " ", "0123abc", "0123abcde", "0123ABCD", "null", "\0", "0123abc\u0434")) {
            assertFalse(accessCheck.isToken(wrong), wrong);
        }
    }

    @Test
    void everyGateHasATokenOfItsOwn() {
        assertTrue(new AccessCheck(false).token().matches("[0-9a-f]{32}"));
        assertNotEquals(new AccessCheck(false).token(), new AccessCheck(false).token());
        assertFalse(accessCheck.needsTokenToRead());
        assertTrue(remote.needsTokenToRead());
    }
}
