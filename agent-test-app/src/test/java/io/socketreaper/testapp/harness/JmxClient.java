package io.socketreaper.testapp.harness;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Connects to a JVM as JConsole does. Nothing of the agent's is on its class path: what it can read anybody can. */
public final class JmxClient implements AutoCloseable {
    public final MBeanServerConnection server;
    public final ObjectName reaper;
    private final JMXConnector connector;
    private final BlockingQueue<Notification> heard = new LinkedBlockingQueue<>();

    public JmxClient(ChildJvm child) throws IOException, AttachNotSupportedException, JMException {
        var vm = VirtualMachine.attach(Long.toString(child.pid()));
        String address;
        try {
            address = vm.startLocalManagementAgent();
        } finally {
            vm.detach();
        }
        connector = JMXConnectorFactory.connect(new JMXServiceURL(address));
        server = connector.getMBeanServerConnection();
        reaper = new ObjectName("io.socketreaper:type=SocketReaper");
    }

    /** The agent registers its MBean a moment after the server is there. */
    public JmxClient awaitReaper(ChildJvm child) throws Exception {
        awaitRegistered(child, true);
        server.addNotificationListener(reaper, (notification, handback) -> heard.add(notification), null, null);
        return this;
    }

    public void awaitRegistered(ChildJvm child, boolean registered) throws Exception {
        long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
        while (server.isRegistered(reaper) != registered) {
            if (System.nanoTime() - deadline > 0) {
                throw child.failure("the MBean is " + (registered ? "not there" : "still there"));
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    public Object get(String attribute) throws Exception {
        return server.getAttribute(reaper, attribute);
    }

    /** Waits until the attribute, at most a second old, has that value. */
    public void await(ChildJvm child, String attribute, Object value) throws Exception {
        long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
        while (!value.equals(get(attribute))) {
            if (System.nanoTime() - deadline > 0) {
                throw child.failure(attribute + " is " + get(attribute) + ", not " + value);
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    public Object invoke(String operation, Object... arguments) throws Exception {
        var types = new ArrayList<String>();
        for (var argument : arguments) {
            types.add(
                    argument instanceof Long
                            ? "long"
                            : argument instanceof Integer
                                    ? "int"
                                    : argument.getClass().getName());
        }
        return server.invoke(reaper, operation, arguments, types.toArray(new String[0]));
    }

    public Notification nextNotification(ChildJvm child) throws InterruptedException {
        var next = heard.poll(ChildJvm.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (next == null) {
            throw child.failure("no notification came");
        }
        return next;
    }

    /** Waits for one of that type; what comes before is forgotten. */
    public Notification awaitNotification(ChildJvm child, String type) throws InterruptedException {
        while (true) {
            var next = nextNotification(child);
            if (next.getType().equals(type)) {
                return next;
            }
        }
    }

    /** Every attribute of every MBean of ours: one that needs a class we do not have fails here. */
    public Map<String, Object> everything() throws Exception {
        var all = new TreeMap<String, Object>();
        for (var name : server.queryNames(new ObjectName("io.socketreaper:*"), null)) {
            for (var attribute : server.getMBeanInfo(name).getAttributes()) {
                var value = server.getAttribute(name, attribute.getName());
                if (value.getClass().isArray() && Array.getLength(value) > 0) {
                    all.put(name.getKeyProperty("type") + "." + attribute.getName() + ".first", Array.get(value, 0));
                }
                all.put(name.getKeyProperty("type") + "." + attribute.getName(), value);
            }
        }
        return all;
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }
}
