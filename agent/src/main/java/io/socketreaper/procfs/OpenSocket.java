package io.socketreaper.procfs;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.model.TcpState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor of a process that refers to a socket, as the kernel shows it at one moment.
 *
 * @param descriptor its number
 * @param inode      of the socket
 * @param family     e.g. {@code TCP}, {@code UDP} or {@code unix}; null if the socket is in no table
 * @param state      of the connection; {@link TcpState#CLOSE} if the socket is in no table, {@link TcpState#UNKNOWN} if it is not TCP
 * @param local      null unless the family has ports
 * @param remote     null unless the family has ports
 * @param unread     bytes in the receive queue
 */
public record OpenSocket(
        int descriptor,
        long inode,
        @Nullable String family,
        TcpState state,
        @Nullable Endpoint local,
        @Nullable Endpoint remote,
        long unread) {
    private static final Set<TcpState> OVER = EnumSet.of(
            TcpState.CLOSE_WAIT,
            TcpState.FIN_WAIT1,
            TcpState.FIN_WAIT2,
            TcpState.CLOSING,
            TcpState.LAST_ACK,
            TcpState.CLOSE);

    /** All of a process, by descriptor. */
    public static List<OpenSocket> of(ProcProcess process) throws IOException {
        var look = ProcessSnapshot.at(process, System.nanoTime());
        boolean complete = look.tables().unreadable().isEmpty();
        var found = new ArrayList<OpenSocket>();
        look.descriptors().forEach((descriptor, link) -> {
            long inode = Descriptors.inode(link);
            if (inode != 0) {
                found.add(of(descriptor, inode, look.tables().lines().get(inode), complete));
            }
        });
        return found;
    }

    private static OpenSocket of(int descriptor, long inode, @Nullable SocketLine line, boolean complete) {
        if (line == null) {
            return new OpenSocket(descriptor, inode, null, complete ? TcpState.CLOSE : TcpState.UNKNOWN, null, null, 0);
        }
        return new OpenSocket(
                descriptor,
                inode,
                line.family(),
                line.state() == null ? TcpState.UNKNOWN : line.state(),
                line.local(),
                line.remote(),
                line.unread());
    }

    /** The state for people and programs; null if the kernel has not told one. */
    public @Nullable String stateWord() {
        return state == TcpState.UNKNOWN ? null : state.name();
    }

    /** One side has ended, or input waits for its reader: many leaks look so, and some healthy connections for a moment. */
    public boolean isSuspicious() {
        return OVER.contains(state) || unread > 0;
    }
}
