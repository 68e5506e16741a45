package io.socketreaper.owner;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's NIO2 connector: its acceptor is an inner class of the endpoint, which has the wrapper of every connection by its channel. What
 * is done with the wrapper is the same as with NIO.
 */
final class TomcatNio2 {
    private static final String ACCEPTOR = "apache.tomcat.util.net.Nio2Endpoint$Nio2Acceptor";
    private static final String ENDPOINT = "apache.tomcat.util.net.AbstractEndpoint";

    private TomcatNio2() {}

    /** The owner of a channel that this handler may have accepted; null if it is not Tomcat's or has not. */
    static @Nullable Owner ownerOf(Object channel, Object acceptHandler) throws ReflectiveOperationException {
        Class<?> acceptor = Members.typeOf(acceptHandler, ACCEPTOR);
        if (acceptor == null) {
            return null;
        }
        Object endpoint = Members.field(acceptHandler, acceptor, "this$0");
        var connections = (Map<?, ?>) Members.field(endpoint, Members.knownTypeOf(endpoint, ENDPOINT), "connections");
        Object wrapper = connections.get(channel);
        return wrapper == null ? null : Tomcat.ownerOf(wrapper);
    }
}
