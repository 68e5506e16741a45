package io.socketreaper.control;

import io.socketreaper.api.LeakReport;
import io.socketreaper.bridge.RecordMap;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.Outcome;
import io.socketreaper.model.Endpoints;
import io.socketreaper.report.ReportText;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Hands every leak to the receivers in the program, as a map of JDK types. Reaper thread; a receiver must return
 * soon.
 */
public final class LeakReceivers implements LeakSink {
    private final List<Consumer<Map<String, Object>>> receivers;
    private final IntSupplier stackDepth;

    /**
     * @param receivers  may be changed at any time by other threads
     * @param stackDepth frames of the text, as it is then
     */
    public LeakReceivers(List<Consumer<Map<String, Object>>> receivers, IntSupplier stackDepth) {
        this.receivers = receivers;
        this.stackDepth = stackDepth;
    }

    @Override
    public void leak(Leak leak, Outcome outcome) {
        Map<String, Object> map = map(leak, outcome, new ReportText(stackDepth.getAsInt()));
        for (Consumer<Map<String, Object>> receiver : receivers) {
            receiver.accept(map);
        }
    }

    /** A leak as a {@link RecordMap} of a {@link LeakReport}; unmodifiable. */
    public static Map<String, Object> map(Leak leak, Outcome outcome, ReportText text) {
        return RecordMap.of(new LeakReport(
                leak.kind().toString(),
                leak.grade().toString(),
                leak.site().id(),
                leak.site().location(),
                List.of(leak.stack()),
                address(leak.endpoints().local()),
                address(leak.endpoints().remote()),
                leak.descriptor(),
                leak.snapshot().unreadBytes(),
                leak.ageMillis(),
                leak.openMillis(),
                leak.idleMillis(),
                outcome.name().toString(),
                text.of(leak, outcome)));
    }

    private static String address(@Nullable SocketAddress address) {
        return address == null ? "" : Endpoints.text(address);
    }
}
