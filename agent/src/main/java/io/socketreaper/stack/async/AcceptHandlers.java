package io.socketreaper.stack.async;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.nio.channels.CompletionHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;

/**
 * The handlers to which the server channels of a group accept. A channel with a pending read or write refers to its owner, a
 * channel at rest does not; so this is the only way from an accepted channel to its server. Reaper thread only.
 */
final class AcceptHandlers {
    /** The answer is reused for a second, because a group may have many channels, and all of them may be leaks. */
    private static final long VALID = TimeUnit.SECONDS.toNanos(1);

    private final Class<?> server;
    private final VarHandle port;
    private final VarHandle lock;
    private final VarHandle channels;
    private final VarHandle handler;

    // -- The last answer

    private WeakReference<Object> group = new WeakReference<>(null);
    private final List<WeakReference<Object>> found = new ArrayList<>();
    private long foundAt;

    /** @throws ReflectiveOperationException naming the member that this JDK lacks */
    AcceptHandlers() throws ReflectiveOperationException {
        Class<?> client = Class.forName("sun.nio.ch.UnixAsynchronousSocketChannelImpl");
        Class<?> ports = Class.forName("sun.nio.ch.Port");
        server = Class.forName("sun.nio.ch.UnixAsynchronousServerSocketChannelImpl", false, null);
        port = MethodHandles.privateLookupIn(client, MethodHandles.lookup()).findVarHandle(client, "port", ports);
        MethodHandles.Lookup inPort = MethodHandles.privateLookupIn(ports, MethodHandles.lookup());
        lock = inPort.findVarHandle(ports, "fdToChannelLock", ReadWriteLock.class);
        channels = inPort.findVarHandle(ports, "fdToChannel", Map.class);
        handler = MethodHandles.privateLookupIn(server, MethodHandles.lookup())
                .findVarHandle(server, "acceptHandler", CompletionHandler.class);
    }

    /** Those of a channel's group, at most a second old. */
    List<Object> of(Object channel, long now) {
        Object itsGroup = port.get(channel);
        if (!group.refersTo(itsGroup) || now - foundAt > VALID) {
            find(itsGroup);
            group = new WeakReference<>(itsGroup);
            foundAt = now;
        }
        List<Object> handlers = new ArrayList<>();
        for (WeakReference<Object> each : found) {
            Object waiting = each.get();
            if (waiting != null) {
                handlers.add(waiting);
            }
        }
        return handlers;
    }

    /** The JDK holds the lock for a few instructions at a time. */
    private void find(Object itsGroup) {
        found.clear();
        Lock reading = ((ReadWriteLock) lock.get(itsGroup)).readLock();
        reading.lock();
        try {
            for (Object each : ((Map<?, ?>) channels.get(itsGroup)).values()) {
                Object waiting = server.isInstance(each) ? handler.get(each) : null;
                if (waiting != null) {
                    found.add(new WeakReference<>(waiting));
                }
            }
        } finally {
            reading.unlock();
        }
    }
}
