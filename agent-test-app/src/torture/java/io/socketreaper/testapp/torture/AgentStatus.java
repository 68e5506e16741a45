package io.socketreaper.testapp.torture;

import java.lang.management.ManagementFactory;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;

/** Reads the agent's state in this JVM by JMX. */
final class AgentStatus {
    private AgentStatus() {}

    private static MBeanServer server() {
        return ManagementFactory.getPlatformMBeanServer();
    }

    private static ObjectName name() throws JMException {
        return new ObjectName("io.socketreaper:type=SocketReaper");
    }

    /** One of its counts; 0 without an agent. */
    static long count(String attribute) throws JMException {
        return server().isRegistered(name()) ? ((Number) server().getAttribute(name(), attribute)).longValue() : 0;
    }

    /** The agent's record of a suspect, by the link of its descriptor. */
    static String about(String link) {
        try {
            var arguments = new Object[] {"", Integer.MAX_VALUE};
            var types = new String[] {String.class.getName(), int.class.getName()};
            var inode = Long.valueOf(link.replaceAll("\\D", ""));
            for (var socket : (CompositeData[]) server().invoke(name(), "socketsOf", arguments, types)) {
                if (socket.get("inode").equals(inode)) {
                    return socket.getCompositeType().keySet().stream()
                            .map(key -> key + "=" + socket.get(key))
                            .collect(Collectors.joining(" "));
                }
            }
            return "no suspect";
        } catch (JMException | RuntimeException e) {
            return e.toString();
        }
    }
}
