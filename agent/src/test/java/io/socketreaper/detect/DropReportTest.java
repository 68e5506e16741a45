package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.stack.SocketHandle;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of sockets that found no room: one, and several. */
class DropReportTest {
    private static final int MANY_PLACES = 1024;

    private final List<String> said = new ArrayList<>();
    private final BoundedQueue<Suspect> arrivals = new BoundedQueue<>(1);
    private final UnidentifiedSockets unidentified = new UnidentifiedSockets(true);
    private final StackSampler stacks = new StackSampler(0);
    private final DropReport report = new DropReport(arrivals, unidentified, stacks, new Detector.Host() {
        @Override
        public void arrived() {}

        @Override
        public void wantTraffic(boolean wanted) {}

        @Override
        public void dropped(String what) {
            said.add(what);
        }
    });

    @ParameterizedTest
    @CsvSource({
        "1, 1 half-closed socket is not watched:, 1 socket was opened or half-closed while, of 1 half-closed socket:",
        "2, 2 half-closed sockets are not watched:, 2 sockets were opened or half-closed while, of 2 half-closed sockets:"
    })
    void theirNumberIsSaidInWordsThatFitIt(int count, String arrived, String held, String cut) {
        var unknown = (SocketHandle) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {SocketHandle.class}, (proxy, method, arguments) -> false);
        for (int i = 0; i < UnidentifiedSockets.CAPACITY + count; i++) {
            unidentified.holdUntilKnown(new OpenSocket(unknown, CapturedStack.NOT_SAMPLED), this);
        }
        for (int i = 0; i < count; i++) {
            arrivals.drop();
        }
        for (int i = 0; i < MANY_PLACES + count; i++) {
            stacks.shared(stack(i));
        }

        report.tell(TimeUnit.SECONDS.toNanos(1));

        assertEquals(3, said.size(), said::toString);
        assertTrue(said.get(0).startsWith(arrived), said::toString);
        assertTrue(said.get(1).startsWith(held), said::toString);
        assertTrue(said.get(2).contains(cut), said::toString);
    }

    private static StackTraceElement[] stack(int place) {
        return Collections.nCopies(
                        StackSampler.FEW_FRAMES + 1, new StackTraceElement("com.example.C", "m", "C.java", place))
                .toArray(StackTraceElement[]::new);
    }
}
