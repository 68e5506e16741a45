package io.socketreaper.descriptor;

/**
 * The open descriptors of this process by kind, at one moment. One that is closed and opened again during the count may
 * be counted as the wrong kind.
 *
 * @param listen      TCP sockets that listen
 * @param established TCP connections that both sides may use
 * @param closeWait   TCP connections that the peer has ended
 * @param finWait     TCP connections that we have ended: FIN_WAIT1 and FIN_WAIT2
 * @param finished    TCP sockets in the state CLOSE, finished or never connected; they are in no table of the kernel, and
 *                    lsof says {@code protocol: TCP} of them
 * @param untracked   of the finished: those that no watched object is known to hold
 * @param otherTcp    TCP connections that are just being opened or closed
 * @param otherSockets unix-domain, UDP and other sockets
 * @param pipes       ends of pipes
 * @param files       files, directories and devices
 * @param others      the rest: epoll, eventfd and the like
 */
public record DescriptorKinds(
        int listen,
        int established,
        int closeWait,
        int finWait,
        int finished,
        int untracked,
        int otherTcp,
        int otherSockets,
        int pipes,
        int files,
        int others) {
    /** All of them. */
    public int total() {
        return sockets() + pipes + files + others;
    }

    /** All sockets. */
    public int sockets() {
        return listen + established + closeWait + finWait + finished + otherTcp + otherSockets;
    }
}
