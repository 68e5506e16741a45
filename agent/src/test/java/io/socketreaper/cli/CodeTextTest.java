package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodeTextTest {
    private static final String CODE = "com.example.server.mail.Session.reject(Session.java:41)";

    @ParameterizedTest
    @CsvSource({
        "80, com.example.server.mail.Session.reject(Session.java:41)",
        "55, com.example.server.mail.Session.reject(Session.java:41)",
        "54, c.example.server.mail.Session.reject(Session.java:41)",
        "47, c.e.server.mail.Session.reject(Session.java:41)",
        "39, c.e.s.m.Session.reject(Session.java:41)",
        "38, Session.reject(Session.java:41)",
        "30, Session.re...(Session.java:41)",
        "21, S...(Session.java:41)",
        "20, Session.java:41",
        "15, Session.java:41",
        "14, Session....:41",
        "7, S...:41",
        "6, :41",
        "3, :41",
        "2, 41"
    })
    void theLineIsWhatStays(int width, String shown) {
        assertEquals(shown, CodeText.cut(CODE, width));
    }

    @Test
    void noWidthIsExceededAndNoLineIsLost() {
        for (int width = 3; width < 100; width++) {
            var shown = CodeText.cut(CODE, width);
            assertTrue(shown.length() <= width, shown);
            assertTrue(shown.contains(":41"), shown);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Server.run(Server.java:7), 18, Server.java:7",
        "a.Server$1.run(Unknown Source), 25, Server...(Unknown Source)",
        "opened before the agent came, 20, opened before the...",
        "-, 8, -"
    })
    void whatHasNoPackageOrNoLineIsCutToo(String code, int width, String shown) {
        assertEquals(shown, CodeText.cut(code, width));
    }
}
