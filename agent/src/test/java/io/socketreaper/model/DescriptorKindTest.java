package io.socketreaper.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorKindTest {
    @Test
    void theListOfNamesIsThatOfTheKinds() {
        assertEquals(
                Arrays.stream(DescriptorKind.values())
                        .map(kind -> kind
                                + switch (kind) {
                                    case UNTRACKED -> " (of the finished)";
                                    case UNWATCHED_CLOSE_WAIT -> " (of close_wait)";
                                    case UNWATCHED_FIN_WAIT -> " (of fin_wait)";
                                    default -> "";
                                })
                        .collect(Collectors.joining(", ")),
                DescriptorKind.NAMES);
    }

    @Test
    void everyKindHasALabelOfItsOwn() {
        var labels = Arrays.stream(DescriptorKind.values())
                .map(kind -> kind.label(2))
                .collect(Collectors.toSet());

        assertEquals(DescriptorKind.values().length, labels.size());
        assertEquals("finished but held", DescriptorKind.FINISHED.label(2));
        assertEquals("pipes", DescriptorKind.PIPES.label(2));
        assertEquals("pipe", DescriptorKind.PIPES.label(1));
    }

    @ParameterizedTest
    @CsvSource({
        "anon_inode:[eventpoll], SELECTORS",
        "anon_inode:[eventfd], EVENTFDS",
        "anon_inode:[io_uring], OTHERS",
        "anon_inode:inotify, OTHERS",
        "pipe:[4711], PIPES",
        "/dev/null, FILES",
        "/tmp/anon_inode:[eventpoll], FILES"
    })
    void whatIsNoSocketHasTheKindOfItsLink(String link, DescriptorKind kind) {
        assertEquals(kind, DescriptorKind.of(link));
    }

    @Test
    void aKindIsFoundByItsName() {
        for (DescriptorKind kind : DescriptorKind.values()) {
            assertEquals(kind, DescriptorKind.named(kind.toString()));
        }
        assertNull(DescriptorKind.named("sockets of a later version"));
    }
}
