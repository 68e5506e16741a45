package io.socketreaper.http;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;

/**
 * The connections of an outlet. None gets old, however busily it trickles; and there are never more than a few, for a
 * newcomer takes the place of the oldest: an accept that waited until one of them goes would let a handful of silent
 * clients keep Prometheus out.
 */
final class Connections implements Connection.Listener {
    private final int most;
    private final long lifeMillis;
    private final ScheduledExecutorService scheduler;
    /** Guarded by itself, the oldest first; the value closes it when it is old. */
    private final Map<EndPoint, Future<?>> open = new LinkedHashMap<>();

    Connections(int most, long lifeMillis, ScheduledExecutorService scheduler) {
        this.most = most;
        this.lifeMillis = lifeMillis;
        this.scheduler = scheduler;
    }

    @Override
    public void onOpened(Connection connection) {
        EndPoint opened = connection.getEndPoint();
        EndPoint oldest = null;
        synchronized (open) {
            open.put(opened, scheduler.schedule((Runnable) opened::close, lifeMillis, TimeUnit.MILLISECONDS));
            if (open.size() > most) {
                Iterator<Map.Entry<EndPoint, Future<?>>> entries =
                        open.entrySet().iterator();
                Map.Entry<EndPoint, Future<?>> first = entries.next();
                oldest = first.getKey();
                first.getValue().cancel(false);
                entries.remove();
            }
        }
        if (oldest != null) {
            oldest.close();
        }
    }

    @Override
    public void onClosed(Connection connection) {
        Future<?> end;
        synchronized (open) {
            end = open.remove(connection.getEndPoint());
        }
        if (end != null) {
            end.cancel(false);
        }
    }
}
