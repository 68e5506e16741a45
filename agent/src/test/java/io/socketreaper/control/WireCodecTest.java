package io.socketreaper.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WireCodecTest {
    private static final List<Request<?>> ALL = List.of(
            new Request.GetStatus(),
            new Request.GetSites(),
            new Request.GetDryRun(),
            new Request.GetSockets("0a1b2c3d", 5),
            new Request.GetSockets(null, 5),
            new Request.GetOpen(OpenQuestion.ALL),
            new Request.GetOpen(new OpenQuestion("4d3c2b1a", 600_000, "CLOSE_WAIT")),
            new Request.GetDescriptors("4d3c2b1a"),
            new Request.GetView(500),
            new Request.ReleaseSocket(Long.MAX_VALUE, ReleaseRequest.DRAIN_DOUBTFUL),
            new Request.ReleaseSite("0a1b2c3d", ReleaseRequest.CLOSE),
            new Request.Change("exclude=remote:[::1]:80;stack:a.*,timeout=5s"),
            new Request.Pause(true),
            new Request.KeepHolders("/tmp/socket-reaper-0a1b.reply"),
            new Request.Detach(),
            new Request.Stream("/tmp/a=b", 250, 20, true));

    @Test
    void everyRequestComesBackAsItWas() {
        Set<Class<?>> seen = new HashSet<>();
        for (Request<?> request : ALL) {
            WireCodec.Received received = WireCodec.read(WireCodec.write(request, null));

            assertEquals(request, received.request());
            assertNull(received.raised());
            seen.add(request.getClass());
        }
        assertEquals(Set.of(Request.class.getPermittedSubclasses()), seen, "all of them are tried");
    }

    @Test
    void aRaisedLimitTravelsWithAnyRequest() {
        var change = new WireCodec.LimitChange(1300, 1024);

        assertEquals(
                change,
                WireCodec.read(WireCodec.write(new Request.Detach(), change)).raised());
    }

    /** A JVM of version 17 takes 1024 bytes, the path of the jar and of the reply file among them. */
    @Test
    void aRequestIsOneShortLine() {
        for (Request<?> request : ALL) {
            String text = WireCodec.write(request, new WireCodec.LimitChange(1_000_000, 1_000_000));

            assertEquals(1, text.lines().count());
            assertTrue(text.length() < 200, text);
        }
    }

    @Test
    void anAnswerIsAResultOrARefusalOrNotWhole() {
        assertEquals("done", WireCodec.answer(WireCodec.result("done"), String.class));
        assertEquals(
                "no \"such\" site",
                assertThrows(
                                ControlException.class,
                                () -> WireCodec.answer(WireCodec.error("no \"such\" site"), String.class))
                        .getMessage());
        assertNull(WireCodec.answer("", String.class));
        assertNull(WireCodec.answer("{\"result\":{\"a", String.class));
    }
}
