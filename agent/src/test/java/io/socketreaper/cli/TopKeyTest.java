package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopKeyTest {
    @Test
    void lettersAndTheKeysOfATerminalAreKnown() throws IOException {
        assertEquals(
                List.of(TopKey.QUIT, TopKey.SORT, TopKey.HELP, TopKey.UP, TopKey.DOWN, TopKey.OTHER), keys("qs?kjx"));
        assertEquals(List.of(TopKey.UP, TopKey.DOWN, TopKey.UP, TopKey.DOWN), keys("\033[A\033[B\033OA\033OB"));
        assertEquals(
                List.of(TopKey.PAGE_UP, TopKey.PAGE_DOWN, TopKey.HOME, TopKey.END, TopKey.HOME, TopKey.END),
                keys("\033[5~\033[6~\033[H\033[F\033[1~\033[4~"));
    }

    @Test
    void whatIsNotKnownSwallowsNoOtherKey() throws IOException {
        assertEquals(List.of(TopKey.OTHER, TopKey.QUIT), keys("\033[1;5Cq"));
        assertEquals(List.of(TopKey.OTHER, TopKey.SORT), keys("\033[2~s"));
        assertEquals(List.of(TopKey.OTHER), keys("\033"));
        assertEquals(List.of(TopKey.OTHER), keys("\033["));
    }

    private static List<TopKey> keys(String typed) throws IOException {
        var in = new ByteArrayInputStream(typed.getBytes(StandardCharsets.ISO_8859_1));
        var keys = new ArrayList<TopKey>();
        for (var key = TopKey.read(in); key != null; key = TopKey.read(in)) {
            keys.add(key);
        }
        return keys;
    }
}
