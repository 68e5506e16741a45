package io.socketreaper.jmx;

import io.socketreaper.control.Control;
import io.socketreaper.control.ControlException;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.leak.DescriptorShortage;
import io.socketreaper.leak.DescriptorShortage.Stage;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.LeakSinks;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.Outcome;
import io.socketreaper.report.ShortageText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanNotificationInfo;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.MalformedObjectNameException;
import javax.management.Notification;
import javax.management.NotificationBroadcasterSupport;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * The MBeans in the platform MBean server, from the moment that it is there until the agent is detached. Whatever may call
 * foreign code, as registering an MBean or sending a notification does, happens on the executor.
 */
public final class JmxOutlet implements LeakSink, AutoCloseable {
    static final String DOMAIN = "io.socketreaper";
    static final String NEW_SITE = DOMAIN + ".leaksite.new";
    static final MBeanNotificationInfo[] NOTIFICATIONS = {
        notification("a new leak site: its last report, in several lines; the user data is the site's id", NEW_SITE),
        notification("few descriptors are left, or enough again", notification(Stage.BEGUN), notification(Stage.ENDED)),
        notification(
                "a socket could not be opened or accepted because no descriptor was left; or descriptors are available again",
                notification(Stage.EXHAUSTED),
                notification(Stage.OVER))
    };
    /** Only the platform's server has it. */
    private static final String PLATFORM = "java.lang:type=Runtime";

    private final MBeanServer server;
    private final LeakSinks sinks;
    private final Executor executor;
    private final AgentQueries queries;
    private final ObjectName name;
    private final NotificationBroadcasterSupport notifications = new NotificationBroadcasterSupport(NOTIFICATIONS);
    private final AtomicLong sequence = new AtomicLong();
    /** Guarded by this. */
    private final List<ObjectName> registered = new ArrayList<>();

    private boolean closed;
    /** Ids of the sites that have been seen. Guarded by itself: the reaper thread adds, and at first the executor. */
    private final Set<String> seen = new HashSet<>();

    private JmxOutlet(MBeanServer server, Control control, LeakSinks sinks, Executor executor)
            throws MalformedObjectNameException {
        this.server = server;
        this.sinks = sinks;
        this.executor = executor;
        this.queries = new AgentQueries(control);
        this.name = new ObjectName(DOMAIN + ":type=SocketReaper");
    }

    private static MBeanNotificationInfo notification(String description, String... types) {
        return new MBeanNotificationInfo(types, Notification.class.getName(), description);
    }

    private static String notification(Stage stage) {
        return DOMAIN + "." + stage.notification();
    }

    /**
     * Registers the MBeans. On a thread that may wait, and is not the reaper's.
     *
     * @return null if the platform MBean server is not there yet; it is never created here
     * @throws ControlException if the agent does not answer just now
     */
    public static @Nullable JmxOutlet open(Control control, LeakSinks sinks, Executor executor) throws JMException {
        MBeanServer platform = platform();
        if (platform == null) {
            return null;
        }
        return open(platform, control, sinks, executor);
    }

    static JmxOutlet open(MBeanServer server, Control control, LeakSinks sinks, Executor executor) throws JMException {
        var outlet = new JmxOutlet(server, control, sinks, executor);
        try {
            outlet.register(
                    outlet.name,
                    new Described(
                            new SocketReaperBean(control, outlet.queries),
                            SocketReaperMXBean.class,
                            outlet.notifications));
            sinks.add(outlet);
            for (SiteInfo site : control.sites()) {
                if (outlet.isNew(site.id())) {
                    outlet.register(site);
                }
            }
        } catch (JMException | RuntimeException failed) {
            outlet.close();
            throw failed;
        }
        return outlet;
    }

    private boolean isNew(String site) {
        synchronized (seen) {
            return seen.add(site);
        }
    }

    /** By what is in it: asking the factory for the platform's server would create it. Null as long as there is none. */
    private static @Nullable MBeanServer platform() throws MalformedObjectNameException {
        var runtime = new ObjectName(PLATFORM);
        for (MBeanServer server : MBeanServerFactory.findMBeanServer(null)) {
            if (server.isRegistered(runtime)) {
                return server;
            }
        }
        return null;
    }

    private synchronized void register(ObjectName as, Described bean) throws JMException {
        if (!closed) {
            server.registerMBean(bean, as);
            registered.add(as);
        }
    }

    private void register(SiteInfo site) throws JMException {
        register(
                new ObjectName(DOMAIN + ":type=LeakSite,id=" + site.id()),
                new Described(
                        new LeakSiteBean(site, queries), LeakSiteMXBean.class, new NotificationBroadcasterSupport()));
    }

    @Override
    public void leak(Leak leak, Outcome outcome) {
        String id = leak.site().id();
        if (isNew(id)) {
            executor.execute(() -> newSite(id));
        }
    }

    private void newSite(String id) {
        try {
            queries.forget();
            for (SiteInfo site : queries.sites()) {
                if (site.id().equals(id)) {
                    register(site);
                    send(
                            NEW_SITE,
                            "new leak site " + id + " (" + site.kind() + ")" + LeakSites.place(site.location()) + "\n"
                                    + site.report(),
                            id);
                }
            }
        } catch (JMException | ControlException | IllegalStateException failed) {
            // The next leak of the site tries again.
            synchronized (seen) {
                seen.remove(id);
            }
            throw new IllegalStateException("the MBean of leak site " + id + " could not be registered", failed);
        }
    }

    private void send(String type, String message, @Nullable Object userData) {
        var notification =
                new Notification(type, name, sequence.incrementAndGet(), System.currentTimeMillis(), message);
        notification.setUserData(userData);
        notifications.sendNotification(notification);
    }

    @Override
    public void shortage(DescriptorShortage shortage) {
        String type = notification(shortage.stage());
        String message = ShortageText.of(shortage);
        executor.execute(() -> send(type, message, null));
    }

    /** Takes the MBeans out again. Any thread, also one that is inside an operation of theirs. */
    @Override
    public synchronized void close() throws JMException {
        closed = true;
        sinks.remove(this);
        for (ObjectName bean : registered) {
            try {
                server.unregisterMBean(bean);
            } catch (InstanceNotFoundException gone) {
                // somebody else has taken it out
            }
        }
        registered.clear();
    }
}
