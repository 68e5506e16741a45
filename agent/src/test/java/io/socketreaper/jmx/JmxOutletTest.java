package io.socketreaper.jmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.control.Control;
import io.socketreaper.control.ControlException;
import io.socketreaper.control.History;
import io.socketreaper.control.NotAnsweredException;
import io.socketreaper.control.ReleaseAnswer;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.Totals;
import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.leak.DescriptorShortage;
import io.socketreaper.leak.InternalFailures;
import io.socketreaper.leak.LeakSinks;
import io.socketreaper.leak.Outcome;
import io.socketreaper.report.Leaks;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.management.InstanceAlreadyExistsException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import org.junit.jupiter.api.Test;
import org.slf4j.helpers.NOPLogger;

/** The MBeans in a server of the test's own; {@code JmxIT} has them in a real one. */
class JmxOutletTest {
    private static final DescriptorKinds KINDS = DescriptorKinds.of(1, 2, 3, 4, 5, 6, 0, 7, 8, 9, 10);
    private static final String SITE = Leaks.leak(Leaks.PEER_CLOSED).site().id();

    private final MBeanServer server = MBeanServerFactory.newMBeanServer();
    private final LeakSinks sinks = new LeakSinks(List.of(), new InternalFailures(NOPLogger.NOP_LOGGER));
    private final List<String> asked = new ArrayList<>();
    private final List<SiteInfo> sites = new ArrayList<>();
    private final List<Notification> heard = new ArrayList<>();
    private RuntimeException answer;
    private final Control control = (Control) Proxy.newProxyInstance(
            Control.class.getClassLoader(), new Class<?>[] {Control.class}, (proxy, method, arguments) -> {
                asked.add(method.getName() + (arguments == null ? "" : List.of(arguments)));
                if (answer != null) {
                    throw answer;
                }
                return switch (method.getName()) {
                    case "sites" -> List.copyOf(sites);
                    case "releaseSite", "releaseSocket" -> new ReleaseAnswer(2, 1, 0, 0);
                    case "history" -> new History(List.of(), List.of());
                    default -> null;
                };
            });

    private static ObjectName name(String rest) throws JMException {
        return new ObjectName("io.socketreaper:type=" + rest);
    }

    private static SiteInfo site(String id) {
        return new SiteInfo(
                id,
                "half-closed",
                "strong",
                "app.Server.serve(Server.java:1)",
                List.of(),
                new Totals(3, 0, 0, 0, 0, 0),
                1,
                2,
                "",
                "LEAK");
    }

    private JmxOutlet open() throws JMException {
        return JmxOutlet.open(server, control, sinks, Runnable::run);
    }

    private Set<ObjectName> registered() throws JMException {
        return server.queryNames(new ObjectName("io.socketreaper:*"), null);
    }

    // -- Opening

    @Test
    void anAgentThatDoesNotAnswerLeavesNothingBehind() throws Exception {
        answer = new NotAnsweredException("busy");
        assertThrows(NotAnsweredException.class, this::open);
        assertEquals(Set.of(), registered());

        answer = null;
        sites.add(site(SITE));
        try (var outlet = open()) {
            assertEquals(Set.of(name("SocketReaper"), name("LeakSite,id=" + SITE)), registered());
        }
        assertEquals(Set.of(), registered());
    }

    @Test
    void aNameThatIsTakenLeavesNothingBehindButThat() throws Exception {
        server.registerMBean(
                MBeanServerFactory.newMBeanServer().instantiate("javax.management.timer.Timer"),
                name("LeakSite,id=" + SITE));
        sites.add(site(SITE));
        assertThrows(InstanceAlreadyExistsException.class, this::open);
        assertEquals(Set.of(name("LeakSite,id=" + SITE)), registered());
    }

    // -- Notifications

    @Test
    void aNewSiteIsToldOnceAndAgainIfItCouldNotBeRegistered() throws Exception {
        try (var outlet = open()) {
            listen();
            answer = new NotAnsweredException("busy");
            sinks.leak(Leaks.leak(Leaks.PEER_CLOSED), new Outcome.Logged());
            assertEquals(List.of(), heard);

            answer = null;
            sites.add(site(SITE));
            sinks.leak(Leaks.leak(Leaks.PEER_CLOSED), new Outcome.Logged());
            sinks.leak(Leaks.leak(Leaks.PEER_CLOSED), new Outcome.Logged());
            assertEquals(
                    List.of(JmxOutlet.NEW_SITE),
                    heard.stream().map(Notification::getType).toList());
            assertEquals(SITE, heard.get(0).getUserData());
            assertTrue(server.isRegistered(name("LeakSite,id=" + SITE)));
        }
    }

    @Test
    void everyShortageIsTold() throws Exception {
        try (var outlet = open()) {
            listen();
            sinks.shortage(new DescriptorShortage.Begun(90, 100, 5_000));
            sinks.shortage(new DescriptorShortage.Exhausted(100, 100, KINDS, List.of(), List.of(), 100, 3, 0, false));
            sinks.shortage(new DescriptorShortage.Over(50, 100, 100, 700, 50, false, true));
            sinks.shortage(new DescriptorShortage.Ended(50, 100, 900, 50));
            assertEquals(
                    List.of(
                            "io.socketreaper.pressure.begun",
                            "io.socketreaper.descriptors.exhausted",
                            "io.socketreaper.descriptors.left",
                            "io.socketreaper.pressure.ended"),
                    heard.stream().map(Notification::getType).toList());
        }
        sinks.shortage(new DescriptorShortage.Begun(90, 100, 5_000));
        assertEquals(4, heard.size(), "nothing after its end");
    }

    private void listen() throws JMException {
        server.addNotificationListener(
                name("SocketReaper"), (notification, handback) -> heard.add(notification), null, null);
    }

    // -- Operations

    @Test
    void aSiteIsReleasedByItsOwnMBean() throws Exception {
        sites.add(site(SITE));
        try (var outlet = open()) {
            server.invoke(
                    name("LeakSite,id=" + SITE), "release", new Object[] {"close"}, new String[] {String.class.getName()
                    });
            assertTrue(asked.contains("releaseSite[" + SITE + ", close]"), asked.toString());
        }
    }

    @Test
    void aRefusalIsTheCallersFaultASilenceIsNot() throws Exception {
        try (var outlet = open()) {
            answer = new ControlException("no leak site has that id");
            assertEquals("no leak site has that id", thrown(IllegalArgumentException.class, "pause"));
            answer = new NotAnsweredException("busy");
            assertEquals("busy", thrown(IllegalStateException.class, "pause"));
            var failure = assertThrows(
                    RuntimeMBeanException.class, () -> server.getAttribute(name("SocketReaper"), "Reports"));
            assertInstanceOf(IllegalStateException.class, failure.getTargetException());
        }
    }

    private String thrown(Class<? extends RuntimeException> type, String operation) {
        var failure = assertThrows(
                RuntimeMBeanException.class, () -> server.invoke(name("SocketReaper"), operation, null, null));
        return assertInstanceOf(type, failure.getTargetException()).getMessage();
    }
}
