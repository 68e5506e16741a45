package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.socketreaper.control.AgentView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RenewedStreamTest {
    private final List<String> seen = new ArrayList<>();
    private long now;

    @Test
    void aNewStreamIsBegunBeforeTheAgentEndsTheOld() throws Exception {
        try (var looks = new RenewedStream(this::stream, () -> now)) {
            for (int minute = 0; minute <= 150; minute += 25) {
                now = Duration.ofMinutes(minute).toNanos();
                looks.next();
            }
        }
        assertEquals(
                List.of(
                        "begun", "look", "look", "closed", "begun", "look", "look", "closed", "begun", "look", "look",
                        "closed", "begun", "look", "closed"),
                seen);
    }

    @Test
    void noStreamIsLeftIfAllEndsWhileOneIsBegun() throws Exception {
        var ended = new ArrayList<RenewedStream>();
        var looks = new RenewedStream(
                () -> {
                    ended.forEach(RenewedStream::close);
                    return stream();
                },
                () -> now);
        ended.add(looks);
        now = Duration.ofHours(1).toNanos();

        assertThrows(CliException.class, looks::next);
        assertEquals(List.of("begun", "closed", "closed", "begun", "closed"), seen);
    }

    private RenewedStream.Source stream() {
        seen.add("begun");
        return new RenewedStream.Source() {
            private boolean closed;

            @Override
            public AgentView next() {
                if (closed) {
                    throw new CliException(ExitCode.NO_PROCESS, "nothing any more");
                }
                seen.add("look");
                return null;
            }

            @Override
            public void close() {
                closed = true;
                seen.add("closed");
            }
        };
    }
}
