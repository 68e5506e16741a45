package io.socketreaper.heap;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import shark.HeapField;
import shark.HeapGraph;
import shark.HeapObject.HeapClass;
import shark.HeapObject.HeapInstance;
import shark.HeapObject.HeapPrimitiveArray;
import shark.HprofRecord.HeapDumpRecord.ObjectRecord.PrimitiveArrayDumpRecord.ByteArrayDump;

/** Finds the objects in a dump that have a descriptor of the network, and reads what they know of it. */
final class SocketFinder {
    private static final String NIO_SOCKET = "sun.nio.ch.NioSocketImpl";
    private static final String SOCKET_IMPL = "java.net.SocketImpl";
    /** Has the descriptor of another {@code SocketImpl}, to which it passes every call on. */
    private static final String DELEGATING = "java.net.DelegatingSocketImpl";

    private static final String SELECTOR = "sun.nio.ch.EPollSelectorImpl";
    /** Applications rename Netty's packages. */
    private static final String NETTY = "netty.channel.unix.Socket";

    private static final String NETTY_DESCRIPTOR = "netty.channel.unix.FileDescriptor";

    private static final Map<String, SocketType> TYPES = Map.of(
            "sun.nio.ch.SocketChannelImpl",
            SocketType.SOCKET_CHANNEL,
            "sun.nio.ch.ServerSocketChannelImpl",
            SocketType.SERVER_SOCKET_CHANNEL,
            "sun.nio.ch.DatagramChannelImpl",
            SocketType.DATAGRAM_CHANNEL,
            "sun.nio.ch.UnixAsynchronousSocketChannelImpl",
            SocketType.ASYNC_CHANNEL,
            "sun.nio.ch.UnixAsynchronousServerSocketChannelImpl",
            SocketType.ASYNC_SERVER_CHANNEL,
            SELECTOR,
            SocketType.SELECTOR,
            "sun.nio.ch.SourceChannelImpl",
            SocketType.PIPE,
            "sun.nio.ch.SinkChannelImpl",
            SocketType.PIPE,
            SOCKET_IMPL,
            SocketType.SOCKET);

    private final HeapGraph graph;

    /** A class whose objects have a descriptor, by the superclass that says so. */
    private record Known(SocketType type, String declaring) {
        /** The class that declares the descriptor and the addresses. */
        String fields() {
            return fields(declaring);
        }

        static String fields(String declaring) {
            return declaring.replace("UnixAsynchronous", "Asynchronous");
        }
    }

    SocketFinder(HeapGraph graph) {
        this.graph = graph;
    }

    /** All with an open descriptor, in the order of their descriptors. */
    List<HeapSocket> find(Progress progress) {
        var known = known();
        var found = new ArrayList<HeapSocket>();
        int count = 0;
        for (var all = graph.getInstances().iterator(); all.hasNext(); ) {
            HeapInstance instance = all.next();
            var type = known.get(instance.getInstanceClassId());
            if (type != null) {
                var socket = socket(instance, type);
                if (socket != null) {
                    found.add(socket);
                }
            }
            if ((count++ & 0x3FFFF) == 0) {
                progress.at("looking for sockets", count, graph.getInstanceCount());
            }
        }
        found.sort(Comparator.comparingInt(HeapSocket::descriptor));
        return found;
    }

    private Map<Long, Known> known() {
        var known = new HashMap<Long, Known>();
        for (var all = graph.getClasses().iterator(); all.hasNext(); ) {
            HeapClass type = all.next();
            for (HeapClass each = type; each != null; each = each.getSuperclass()) {
                String name = each.getName();
                if (name.equals(DELEGATING)) {
                    break;
                }
                var kind = name.endsWith(NETTY) ? SocketType.NETTY : TYPES.get(name);
                if (kind != null) {
                    known.put(type.getObjectId(), new Known(kind, name));
                    break;
                }
            }
        }
        return known;
    }

    private @Nullable HeapSocket socket(HeapInstance object, Known known) {
        int descriptor =
                switch (known.type()) {
                    case NETTY -> nettyDescriptor(object, known.declaring());
                    case SELECTOR -> isClosedSelector(object) ? -1 : number(object, SELECTOR, "epfd", -1);
                    default -> {
                        var held = isClosed(object, known.declaring()) ? null : instance(object, known.fields(), "fd");
                        yield held == null ? -1 : number(held, "java.io.FileDescriptor", "fd", -1);
                    }
                };
        if (descriptor < 0) {
            return null;
        }
        boolean classic = known.type() == SocketType.SOCKET;
        boolean server = classic && flag(object, NIO_SOCKET, "server");
        return new HeapSocket(
                object.getObjectId(),
                server ? SocketType.SERVER_SOCKET : known.type(),
                object.getInstanceClassName(),
                descriptor,
                classic ? localPort(object) : end(instance(object, known.fields(), "localAddress")),
                server ? null : classic ? classicPeer(object) : end(instance(object, known.fields(), "remoteAddress")));
    }

    /** The JDK leaves the number in place when it has closed the descriptor. */
    private static boolean isClosed(HeapInstance object, String declaring) {
        String stateful = declaring.equals(SOCKET_IMPL) ? NIO_SOCKET : declaring;
        if (flag(object, Known.fields(declaring), "closed")) {
            return true;
        }
        for (HeapClass type = object.getInstanceClass(); type != null; type = type.getSuperclass()) {
            var closed = type.getName().equals(stateful) ? type.get("ST_CLOSED") : null;
            Integer value = closed == null ? null : closed.getValue().getAsInt();
            if (value != null) {
                return number(object, stateful, "state", -1) == value;
            }
        }
        return false;
    }

    private static int nettyDescriptor(HeapInstance object, String socket) {
        String declaring = socket.substring(0, socket.length() - NETTY.length()) + NETTY_DESCRIPTOR;
        // the first bit of its state: closed
        return (number(object, declaring, "state", 1) & 1) == 1 ? -1 : number(object, declaring, "fd", -1);
    }

    private static boolean isClosedSelector(HeapInstance selector) {
        String declaring = "java.nio.channels.spi.AbstractSelector";
        // an AtomicBoolean up to JDK 18, then a boolean
        var open = instance(selector, declaring, "selectorOpen");
        return open != null
                ? number(open, "java.util.concurrent.atomic.AtomicBoolean", "value", 1) == 0
                : flag(selector, declaring, "closed");
    }

    // -- Addresses

    private @Nullable String localPort(HeapInstance socket) {
        int port = number(socket, SOCKET_IMPL, "localport", 0);
        return port <= 0 ? null : "*:" + port;
    }

    private @Nullable String classicPeer(HeapInstance socket) {
        int port = number(socket, SOCKET_IMPL, "port", 0);
        String host = host(instance(socket, SOCKET_IMPL, "address"));
        return port <= 0 || host == null ? null : host + ':' + port;
    }

    /** Of an InetSocketAddress; null for any other address. */
    private @Nullable String end(@Nullable HeapInstance address) {
        var holder = address == null ? null : instance(address, "java.net.InetSocketAddress", "holder");
        if (holder == null) {
            return null;
        }
        String type = "java.net.InetSocketAddress$InetSocketAddressHolder";
        String host = host(instance(holder, type, "addr"));
        return host == null ? null : host + ':' + number(holder, type, "port", 0);
    }

    private @Nullable String host(@Nullable HeapInstance address) {
        if (address == null) {
            return null;
        }
        byte[] bytes = null;
        var six = instance(address, "java.net.Inet6Address", "holder6");
        if (six != null) {
            var field = six.get("java.net.Inet6Address$Inet6AddressHolder", "ipaddress");
            var array = field == null ? null : field.getValueAsPrimitiveArray();
            bytes = array == null ? null : bytes(array);
        } else {
            var four = instance(address, "java.net.InetAddress", "holder");
            bytes = four == null
                    ? null
                    : ByteBuffer.allocate(Integer.BYTES)
                            .putInt(number(four, "java.net.InetAddress$InetAddressHolder", "address", 0))
                            .array();
        }
        try {
            var named = bytes == null ? null : InetAddress.getByAddress(bytes);
            return named == null
                    ? null
                    : named.isAnyLocalAddress()
                            ? "*"
                            : named.getAddress().length == Integer.BYTES
                                    ? named.getHostAddress()
                                    : '[' + named.getHostAddress().replaceFirst("(^|:)(0(:|$)){2,}", "::") + ']';
        } catch (UnknownHostException notAnAddress) {
            return null;
        }
    }

    private static byte @Nullable [] bytes(HeapPrimitiveArray array) {
        return array.readRecord() instanceof ByteArrayDump dump ? dump.getArray() : null;
    }

    // -- Fields

    private static @Nullable HeapInstance instance(HeapInstance object, String declaring, String field) {
        var found = object.get(declaring, field);
        return found == null ? null : found.getValueAsInstance();
    }

    private static int number(HeapInstance object, String declaring, String field, int otherwise) {
        HeapField found = object.get(declaring, field);
        Integer value = found == null ? null : found.getValue().getAsInt();
        return value == null ? otherwise : value;
    }

    private static boolean flag(HeapInstance object, String declaring, String field) {
        HeapField found = object.get(declaring, field);
        return found != null && Boolean.TRUE.equals(found.getValue().getAsBoolean());
    }
}
