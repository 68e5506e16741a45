package io.socketreaper.heap;

import java.util.List;

/**
 * The shortest chain of references that keeps a socket.
 *
 * @param root    why the first holder is alive, e.g. {@code class} or {@code thread "worker-*"}
 * @param holders from the root to the last object before the socket's
 * @param end     class of the object that has the descriptor
 */
public record HolderPath(String root, List<Holder> holders, String end) {
    /** Whether a class of the application or of a library is on it: a path of JDK classes alone tells little. */
    public boolean showsApplication() {
        return holders.stream().anyMatch(Holder::isApplication);
    }
}
