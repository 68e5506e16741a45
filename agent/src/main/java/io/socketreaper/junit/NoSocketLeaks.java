package io.socketreaper.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Fails a test that loses sockets, with the report of the agent as the message: which connection, which line of code. On a
 * class it holds for all its tests, nested ones too.
 *
 * <p>Judged are sockets that were opened between the beginning of the test, {@code @BeforeEach} included, and its end, after
 * {@code @AfterEach}. An open socket that somebody can still reach and whose peer is there is none that is lost. The agent
 * is attached by the first such test, unless it is there already.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(NoSocketLeaksExtension.class)
public @interface NoSocketLeaks {
    /**
     * How long after the end of the test a socket may take to be closed, or be idle until it is lost, milliseconds, 1 to
     * 3600000. Only a test that leaves such a socket behind waits for it.
     */
    long timeoutMillis() default 1000;

    /** Which kinds of leaks fail the test. */
    Kind[] kinds() default {
        Kind.HALF_CLOSED,
        Kind.PEER_CLOSED,
        Kind.WINDOW_FULL,
        Kind.CLOSED_NOT_RELEASED,
        Kind.UNREACHABLE,
        Kind.NEVER_CONNECTED
    };

    /** How a socket is lost. */
    enum Kind {
        /** The test has shut the output, and neither reads nor closes it. */
        HALF_CLOSED,
        /** The peer has ended its side or reset the connection, and the application does not close the socket. */
        PEER_CLOSED,
        /** The peer has sent as much as the receive window holds, and the application does not read it. */
        WINDOW_FULL,
        /** Closed, and the descriptor is still there, e.g. because its selector never selects again. */
        CLOSED_NOT_RELEASED,
        /** Dropped without a close, also a {@code java.net.Socket} that the JDK closes when it collects it. */
        UNREACHABLE,
        /** Opened, and neither connected nor bound nor closed. */
        NEVER_CONNECTED;

        /** The word of settings and reports. */
        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }
}
