package io.socketreaper.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.descriptor.Kernel;
import io.socketreaper.model.TcpState;
import org.junit.jupiter.api.Test;

class KernelSocketTest {
    /** With MPTCP the kernel tells the state of the first path, which may be gone while the connection lives. */
    @Test
    void aStateCloseCountsOnlyIfTheSocketHasHungUp() {
        assertEquals(TcpState.CLOSE, KernelSocket.confirmed(TcpState.CLOSE, Kernel.POLLHUP | Kernel.POLLRDHUP));
        assertEquals(TcpState.UNKNOWN, KernelSocket.confirmed(TcpState.CLOSE, 0));
        assertEquals(TcpState.CLOSE_WAIT, KernelSocket.confirmed(TcpState.CLOSE_WAIT, Kernel.POLLRDHUP));
    }
}
