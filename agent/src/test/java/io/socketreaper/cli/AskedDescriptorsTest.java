package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.control.SiteDescriptor;
import io.socketreaper.heap.HeapSocket;
import io.socketreaper.heap.HeldSockets;
import io.socketreaper.heap.SocketType;
import io.socketreaper.model.TcpState;
import io.socketreaper.procfs.Endpoint;
import io.socketreaper.procfs.OpenSocket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The descriptors of one site, between the agent's answer, the kernel and a heap dump. */
class AskedDescriptorsTest {
    private static final OpenSocket LOST = socket(5, 105);
    private static final OpenSocket USED = socket(6, 106);

    private static OpenSocket socket(int descriptor, long inode) {
        var local = new Endpoint("127.0.0.1", 80);
        return new OpenSocket(descriptor, inode, "TCP", TcpState.CLOSE_WAIT, local, local, 0);
    }

    private static HeapSocket object(SocketType type, int descriptor) {
        return new HeapSocket(1, type, "Some", descriptor, type.isSocket() ? "*:80" : null, null);
    }

    private static AskedDescriptors asked(SiteDescriptor... site) {
        return AskedDescriptors.ofSite(List.of(site), Map.of(5, LOST, 6, USED));
    }

    @Test
    void aSocketIsFoundByItsInodeAndNotIfItWasClosedMeanwhile() {
        var asked = asked(
                new SiteDescriptor(5, 105, "CLOSE_WAIT", 17),
                new SiteDescriptor(6, 99, "ESTABLISHED", -1),
                new SiteDescriptor(8, 0, "ESTABLISHED", -1));

        assertEquals(Map.of(5, LOST), asked.sockets());
        assertEquals(Map.of(5, 17L), asked.ids());
        assertEquals(Map.of(), asked.others());
        assertEquals(1, asked.count());
        assertTrue(asked.stillOpen(Map.of(5, socket(5, 205))).isEmpty());
        assertTrue(asked.include(object(SocketType.SOCKET, 5), false));
        assertFalse(asked.include(object(SocketType.SOCKET, 6), true));
    }

    @Test
    void selectorsAndPipesAreKnownByTheirNumber() {
        var asked = asked(new SiteDescriptor(7, 0, "selector", -1), new SiteDescriptor(9, 0, "pipe", -1));

        assertEquals(Map.of(7, "selector", 9, "pipe"), asked.others());
        assertTrue(asked.include(object(SocketType.SELECTOR, 7), false));
        assertFalse(asked.include(object(SocketType.SELECTOR, 10), false));
        assertTrue(asked.include(object(SocketType.SELECTOR, 10), true));
        var later = asked.stillOpen(Map.of(9, socket(9, 109)));
        assertEquals(Set.of(7), later.others().keySet());

        var answer = HoldersAnswer.of(42L, null, 1000, new HeldSockets(List.of(), List.of()), later);
        assertEquals(
                List.of(new HoldersAnswer.Socket(7, null, null, "selector", null, null, null, 0)), answer.noObject());
    }
}
