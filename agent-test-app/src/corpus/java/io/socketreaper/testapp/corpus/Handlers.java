package io.socketreaper.testapp.corpus;

import java.nio.charset.StandardCharsets;

/**
 * What the programs under {@code src/corpus/handlers} have in common: each is a server with two handlers, which send the first event of an
 * answer that they never finish. Thread-safe.
 */
public final class Handlers {
    /** The event. */
    public static final String EVENT = "held\n";

    private Handlers() {}

    /** The bytes of {@link #EVENT}. */
    public static byte[] event() {
        return EVENT.getBytes(StandardCharsets.US_ASCII);
    }

    /** Says where the server listens, and waits until standard input ends. */
    public static void serve(int port) throws Exception {
        System.out.println("port " + port);
        while (System.in.read() >= 0) {
            // on
        }
        System.exit(0);
    }
}
