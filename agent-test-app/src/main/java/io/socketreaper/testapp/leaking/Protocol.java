package io.socketreaper.testapp.leaking;

import java.io.IOException;

/** What a server says on one connection. Called on the server's selector thread. */
interface Protocol {
    void connected(LineConnection connection) throws IOException;

    /** @param line without its end of line */
    void line(String line, LineConnection connection) throws IOException;

    /** Our FIN has been sent. */
    default void halfClosed(LineConnection connection) {}
}
