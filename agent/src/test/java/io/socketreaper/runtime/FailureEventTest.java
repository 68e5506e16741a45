package io.socketreaper.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.stack.classic.ClassicSocketStack;
import io.socketreaper.stack.netty.weaving.relocated.netty.channel.unix.Errors;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import sun.nio.ch.SocketReaperHook;

/** Which failures may be those of a process that has run out of descriptors. */
class FailureEventTest {
    private final AtomicInteger failures = new AtomicInteger();
    private final HookEvents events = new HookEvents(
            null, new ClassicSocketStack(new ProcDescriptors(Clock.SYSTEM)), null, failures::incrementAndGet, null);

    @Test
    void whatTheJdkThrowsForAnErrorOfTheKernelIsPassedOnWhateverItsMessage() {
        events.accept(new IOException("Too many open files"), SocketReaperHook.FAILED);
        events.accept(new SocketException("Zu viele offene Dateien"), SocketReaperHook.FAILED);
        assertEquals(2, failures.get());
    }

    /** In a relocated Netty, too. */
    @Test
    void whatNettysNativeTransportsMakeOfItIsPassedOn() {
        events.accept(new Errors.NativeIoException("accept", -24), SocketReaperHook.FAILED);
        assertEquals(1, failures.get());
    }

    /** An accept loop with a timeout fails all the time. */
    @Test
    void timeoutsAndClosesAreNot() {
        events.accept(new SocketTimeoutException(), SocketReaperHook.FAILED);
        events.accept(new ClosedChannelException(), SocketReaperHook.FAILED);
        events.accept(new AsynchronousCloseException(), SocketReaperHook.FAILED);
        assertEquals(0, failures.get());
    }
}
