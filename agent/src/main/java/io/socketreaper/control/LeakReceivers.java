package io.socketreaper.control;

import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.Outcome;
import io.socketreaper.model.Endpoints;
import io.socketreaper.report.ReportText;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/**
 * Hands every leak to those in the program who want to hear of it, as a map of JDK types. Reaper thread; they must return
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

    /** The keys are the components of {@code io.socketreaper.api.LeakReport}. Unmodifiable. */
    public static Map<String, Object> map(Leak leak, Outcome outcome, ReportText text) {
        var map = new HashMap<String, Object>();
        map.put("kind", leak.kind().toString());
        map.put("grade", leak.grade().toString());
        map.put("site", leak.site().id());
        map.put("location", leak.site().location());
        map.put("stack", List.of(leak.stack()));
        map.put("local", address(leak.endpoints().local()));
        map.put("peer", address(leak.endpoints().remote()));
        map.put("descriptor", leak.descriptor());
        map.put("unreadBytes", leak.sighting().unreadBytes());
        map.put("signMillis", leak.ageMillis());
        map.put("openMillis", leak.openMillis());
        map.put("idleMillis", leak.idleMillis());
        map.put("outcome", outcome.name().toString());
        map.put("text", text.of(leak, outcome));
        return Map.copyOf(map);
    }

    private static String address(SocketAddress address) {
        return address == null ? "" : Endpoints.text(address);
    }
}
