package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class HoldersTextTest {
    private static String text(HoldersAnswer.Socket... withoutObject) {
        var text = new StringWriter();
        var out = new PrintWriter(text);
        new HoldersText(out)
                .print(new HoldersAnswer(4242L, null, 0, 1000, List.of(), List.of(), List.of(withoutObject)));
        out.flush();
        return text.toString();
    }

    private static HoldersAnswer.Socket socket(int descriptor, String type, String state) {
        return new HoldersAnswer.Socket(descriptor, 100L + descriptor, null, type, state, null, null, 0);
    }

    @Test
    void theJvmsOwnSocketsAreNotCalledLost() {
        assertEquals("""
                2 sockets in a heap dump of 1000 objects: 0 kinds of holders

                2 sockets: unix; descriptor 5, 6: no object of the heap has the descriptor. The JVM has such sockets of its own: \
                its attach listener, the connection of this command, and one by which it closes other sockets
                """, text(socket(5, "unix", null), socket(6, "unix", null)));
    }

    @Test
    void aSocketWithoutAnObjectIsCalledLostBesidesThem() {
        assertEquals("""
                2 sockets in a heap dump of 1000 objects: 0 kinds of holders

                1 socket: TCP in CLOSE_WAIT; descriptor 7: no object of the heap has the descriptor. The object was collected \
                without a close, or native code opened it

                1 socket: unix; descriptor 5: no object of the heap has the descriptor. The JVM has such sockets of its own: \
                its attach listener, the connection of this command, and one by which it closes other sockets
                """, text(socket(5, "unix", null), socket(7, "TCP", "CLOSE_WAIT")));
    }
}
