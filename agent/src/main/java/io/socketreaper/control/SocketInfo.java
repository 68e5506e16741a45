package io.socketreaper.control;

/**
 * One socket that shows a sign.
 *
 * @param id            its id as long as the agent runs
 * @param site          id of its leak site; empty while it is no leak
 * @param kind          kind of leak that it is or would be; empty before the first look
 * @param grade         the same
 * @param phase         {@code suspect}, {@code leak} or {@code releasing}
 * @param local         our end, {@code host:port}; empty if unknown
 * @param peer          the other end, the same
 * @param descriptor    number of its descriptor, -1 if unknown
 * @param inode         the kernel's number of the socket, 0 if unknown
 * @param tcpState      {@code ESTABLISHED}, {@code CLOSE_WAIT}, ...; {@code UNKNOWN} if it has none
 * @param unreadBytes   bytes in the receive queue at the last look
 * @param endOfInput    whether the peer has ended its side
 * @param ageMillis     since it showed a sign
 * @param idleMillis    since the last activity of application or network
 * @param timeoutMillis how long it must be idle to be a leak, 0 before the first look
 * @param location      the line of code to blame, before it is a leak that of the half-close or opening,
 *                      {@code Class.method(File:line)}; empty if unknown
 */
public record SocketInfo(
        long id,
        String site,
        String kind,
        String grade,
        String phase,
        String local,
        String peer,
        int descriptor,
        long inode,
        String tcpState,
        int unreadBytes,
        boolean endOfInput,
        long ageMillis,
        long idleMillis,
        long timeoutMillis,
        String location) {}
