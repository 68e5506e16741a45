package io.socketreaper.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DescriptorKindTest {
    @Test
    void theListOfNamesIsThatOfTheKinds() {
        assertEquals(
                Arrays.stream(DescriptorKind.values())
                        .map(kind -> kind
                                + switch (kind) {
                                    case UNTRACKED -> " (of the finished)";
                                    case UNWATCHED_CLOSE_WAIT -> " (of close_wait)";
                                    default -> "";
                                })
                        .collect(Collectors.joining(", ")),
                DescriptorKind.NAMES);
    }

    @Test
    void everyKindHasALabelOfItsOwn() {
        var labels = Arrays.stream(DescriptorKind.values())
                .map(DescriptorKind::label)
                .collect(Collectors.toSet());

        assertEquals(DescriptorKind.values().length, labels.size());
        assertEquals("finished but held", DescriptorKind.FINISHED.label());
    }

    @Test
    void aKindIsFoundByItsName() {
        for (DescriptorKind kind : DescriptorKind.values()) {
            assertEquals(kind, DescriptorKind.named(kind.toString()));
        }
        assertNull(DescriptorKind.named("sockets of a later version"));
    }
}
