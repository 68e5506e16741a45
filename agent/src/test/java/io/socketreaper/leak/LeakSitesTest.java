package io.socketreaper.leak;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.BlameKind;
import io.socketreaper.model.LeakKind;
import io.socketreaper.report.Leaks;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LeakSitesTest {
    private static final StackTraceElement JDK_SHUTDOWN = new StackTraceElement(
            "app",
            "java.base",
            "17.0.21",
            "sun.nio.ch.SocketChannelImpl",
            "shutdownOutput",
            "SocketChannelImpl.java",
            1090);
    private static final StackTraceElement REJECT = frame("com.example.smtp.Session", "reject", 41);
    private static final StackTraceElement DATA = frame("com.example.smtp.Session", "data", 17);
    private static final StackTraceElement RUN = frame("com.example.smtp.Server", "run", 99);
    private static final StackTraceElement THREAD = frame("java.lang.Thread", "run", 840);

    private final LeakSites sites = new LeakSites();

    @Test
    void oneBugIsOneSiteHoweverManySocketsItLoses() {
        LeakSite first = site(JDK_SHUTDOWN, REJECT, DATA, RUN, THREAD);

        for (int i = 0; i < 1000; i++) {
            assertSame(first, site(JDK_SHUTDOWN, REJECT, DATA, RUN, THREAD));
        }
        assertEquals(List.of(first), List.copyOf(sites.all()));
    }

    @Test
    void aSiteIsNamedByTheFirstFrameOfTheApplication() {
        LeakSite site = site(JDK_SHUTDOWN, frame("java.net.Socket", "shutdownOutput", 1), REJECT, DATA, RUN);

        assertEquals("com.example.smtp.Session.reject(Session.java:41)", site.location());
        assertEquals(LeakKind.HALF_CLOSED, site.kind());
        assertTrue(site.id().matches("[0-9a-f]{8}"), site.id());
    }

    @Test
    void theIdIsTheSameInEveryRun() {
        assertEquals(
                site(JDK_SHUTDOWN, REJECT, DATA, RUN).id(),
                Leaks.siteIn(
                                new LeakSites(),
                                LeakKind.HALF_CLOSED,
                                StackOrigin.HALF_CLOSED,
                                stack(JDK_SHUTDOWN, REJECT, DATA, RUN))
                        .id());
    }

    @Test
    void anotherLineOrAnotherCallerIsAnotherSite() {
        var ids = new HashSet<String>();
        ids.add(site(JDK_SHUTDOWN, REJECT, DATA, RUN).id());
        ids.add(site(JDK_SHUTDOWN, frame("com.example.smtp.Session", "reject", 42), DATA, RUN)
                .id());
        ids.add(site(JDK_SHUTDOWN, REJECT, frame("com.example.smtp.Session", "rcpt", 17), RUN)
                .id());
        ids.add(site(JDK_SHUTDOWN, REJECT, DATA, frame("com.example.smtp.TlsServer", "run", 9))
                .id());

        assertEquals(4, ids.size());
    }

    @Test
    void whatLiesBelowTheFirstThreeFramesOfTheApplicationDoesNotMatter() {
        assertSame(
                site(JDK_SHUTDOWN, REJECT, DATA, RUN, frame("com.example.Main", "main", 1)),
                site(JDK_SHUTDOWN, REJECT, DATA, RUN, frame("com.example.Other", "start", 2), THREAD));
    }

    @Test
    void whichMethodOfTheJdkWasCalledDoesNotMatter() {
        assertSame(
                site(JDK_SHUTDOWN, REJECT, DATA, RUN),
                site(JDK_SHUTDOWN, frame("sun.nio.ch.SocketAdaptor", "shutdownOutput", 270), REJECT, DATA, RUN));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.netty.channel.AbstractChannel",
                "org.eclipse.jetty.io.SocketChannelEndPoint",
                "org.apache.tomcat.util.net.NioEndpoint",
                "org.xnio.nio.NioSocketStreamConnection",
                "org.apache.hc.core5.reactor.SingleCoreIOReactor",
                "org.apache.http.impl.nio.reactor.BaseIOReactor",
                "org.apache.pekko.io.TcpConnection",
                "akka.io.TcpConnection",
                "kotlin.io.CloseableKt",
                "okhttp3.internal.connection.RealConnection",
                "redis.clients.jedis.Connection",
                "org.apache.commons.pool2.impl.GenericObjectPool",
                "org.xbill.DNS.NioUdpClient"
            })
    void framesOfAFrameworkAreSkippedLikeThoseOfTheJdk(String framework) {
        LeakSite direct = site(JDK_SHUTDOWN, REJECT, DATA, RUN);
        LeakSite through = site(
                JDK_SHUTDOWN,
                frame(framework, "doShutdownOutput", 5),
                frame(framework, "shutdown", 6),
                REJECT,
                DATA,
                RUN);

        assertSame(direct, through);
    }

    /** On JDK 17 the sixteenth call of a reflected method comes through another class than the first fifteen. */
    @Test
    void reflectionBetweenTheFramesDoesNotSplitASite() {
        LeakSite first = site(
                JDK_SHUTDOWN,
                REJECT,
                frame("jdk.internal.reflect.NativeMethodAccessorImpl", "invoke0", -2),
                frame("jdk.internal.reflect.NativeMethodAccessorImpl", "invoke", 77),
                frame("java.lang.reflect.Method", "invoke", 569),
                DATA,
                RUN);
        LeakSite later = site(
                JDK_SHUTDOWN,
                REJECT,
                new StackTraceElement("jdk.internal.reflect.GeneratedMethodAccessor41", "invoke", null, -1),
                frame("java.lang.reflect.Method", "invoke", 569),
                DATA,
                RUN);
        LeakSite proxied =
                site(JDK_SHUTDOWN, REJECT, new StackTraceElement("jdk.proxy2.$Proxy17", "handle", null, -1), DATA, RUN);

        assertSame(first, later);
        assertSame(first, proxied);
    }

    @Test
    void aFrameworkBetweenTheFramesDoesNotSplitASite() {
        assertSame(
                site(JDK_SHUTDOWN, REJECT, DATA, RUN),
                site(JDK_SHUTDOWN, REJECT, frame("reactor.core.publisher.FluxMap", "onNext", 106), DATA, RUN));
    }

    @Test
    void theAddressOfAHiddenClassDoesNotSplitASite() {
        assertSame(
                site(JDK_SHUTDOWN, frame("com.example.Handler$$Lambda/0x00007f1a3c0045d8", "run", -1), DATA, RUN),
                site(JDK_SHUTDOWN, frame("com.example.Handler$$Lambda/0x00007f77ac01f000", "run", -1), DATA, RUN));
        assertEquals(
                "com.example.Handler$$Lambda.run(Handler.java)",
                List.copyOf(sites.all()).get(0).location());
    }

    @Test
    void loaderAndModuleVersionDoNotSplitASite() {
        assertSame(
                site(
                        JDK_SHUTDOWN,
                        new StackTraceElement("app", "smtp", "1.0", "com.example.Session", "reject", "S.java", 4)),
                site(
                        JDK_SHUTDOWN,
                        new StackTraceElement("web", "smtp", "1.1", "com.example.Session", "reject", "S.java", 4)));
    }

    @Test
    void withoutAFrameOfTheApplicationTheFrameworksOwnFramesAreTheSite() {
        LeakSite site = site(
                JDK_SHUTDOWN,
                frame("io.netty.channel.socket.nio.NioSocketChannel", "shutdownOutput0", 3),
                frame("io.netty.channel.socket.nio.NioSocketChannel", "doShutdownOutput", 2),
                THREAD);
        LeakSite other = site(
                JDK_SHUTDOWN,
                frame("io.netty.channel.socket.nio.NioSocketChannel", "shutdownOutput0", 3),
                frame("io.netty.channel.socket.nio.NioSocketChannel", "closeAsync", 9),
                THREAD);

        assertEquals(
                "io.netty.channel.socket.nio.NioSocketChannel.shutdownOutput0(NioSocketChannel.java:3)",
                site.location());
        assertNotSame(site, other);
    }

    @Test
    void aStackOfTheJdkAloneIsNamedByItsFirstFrame() {
        assertEquals(
                "sun.nio.ch.SocketChannelImpl.shutdownOutput(SocketChannelImpl.java:1090)",
                site(JDK_SHUTDOWN, THREAD).location());
    }

    @Test
    void aJvmWithoutStackTracesHasOneSite() {
        assertEquals("half-closed by code without a Java stack", site().location());
        assertSame(site(), site());
    }

    @ParameterizedTest
    @EnumSource
    void withoutAStackASiteIsNamedByWhatIsKnownAndKindsStayApart(StackOrigin stackOrigin) {
        LeakSite site = Leaks.siteIn(sites, LeakKind.PEER_CLOSED, stackOrigin, stack());

        assertEquals(stackOrigin.withoutStack(), site.location());
        assertSame(site, Leaks.siteIn(sites, LeakKind.PEER_CLOSED, stackOrigin, stack()));
        for (StackOrigin other : StackOrigin.values()) {
            assertEquals(other == stackOrigin, site == Leaks.siteIn(sites, LeakKind.PEER_CLOSED, other, stack()));
        }
        var ids = new HashSet<String>();
        for (LeakKind kind : LeakKind.values()) {
            ids.add(Leaks.siteIn(sites, kind, stackOrigin, stack()).id());
        }
        assertEquals(LeakKind.values().length, ids.size());
    }

    @Test
    void aSentenceSaysAtOnlyBeforeALine() {
        assertEquals(" at a.Server.run(Server.java:1)", LeakSites.place("a.Server.run(Server.java:1)"));
        for (StackOrigin origin : StackOrigin.values()) {
            assertEquals(", " + origin.withoutStack(), LeakSites.place(origin.withoutStack()));
        }
        assertEquals("opened before the agent came", StackOrigin.BEFORE_ATTACH.withoutStack());
    }

    @Test
    void withAStackItDoesNotMatterWhetherItIsThatOfTheHalfCloseOrTheOpening() {
        assertSame(
                Leaks.siteIn(sites, LeakKind.PEER_CLOSED, StackOrigin.OPENED, stack(REJECT, DATA)),
                Leaks.siteIn(sites, LeakKind.PEER_CLOSED, StackOrigin.HALF_CLOSED, stack(REJECT, DATA)));
    }

    @Test
    void aLineToBlameNamesTheSiteInPlaceOfTheOpening() {
        StackTraceElement[] accept = stack(frame("sun.nio.ch.ServerSocketChannelImpl", "accept", 6), RUN);
        LeakSite rejecting = blamed(LeakKind.PEER_CLOSED, accept, REJECT, RUN);
        LeakSite reading = blamed(LeakKind.PEER_CLOSED, accept, DATA, RUN);

        assertNotSame(rejecting, reading);
        assertSame(rejecting, blamed(LeakKind.PEER_CLOSED, stack(frame("com.example.Other", "open", 1)), REJECT, RUN));
        assertNotSame(rejecting, blamed(LeakKind.UNREACHABLE, accept, REJECT, RUN));
        assertEquals("com.example.smtp.Session.reject(Session.java:41)", rejecting.location());
        assertArrayEquals(stack(REJECT, RUN), rejecting.stack());
        assertArrayEquals(accept, rejecting.opening());
        assertSame(rejecting.opening(), rejecting.shared(accept.clone()));
    }

    @Test
    void ofATlsSocketTheFrameAboveIsNamed() {
        LeakSite site = blamed(
                LeakKind.PEER_CLOSED,
                stack(),
                frame("sun.nio.ch.NioSocketImpl", "read", 1),
                frame("java.net.Socket$SocketInputStream", "read", 2),
                frame("sun.security.ssl.SSLSocketInputRecord", "read", 3),
                frame("sun.security.ssl.SSLSocketImpl$AppInputStream", "read", 4),
                REJECT,
                RUN);

        assertEquals("com.example.smtp.Session.reject(Session.java:41)", site.location());
    }

    /** The application's frame is between those of the server. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "sun.net.httpserver.FixedLengthInputStream",
                "com.sun.net.httpserver.Filter$Chain",
                "jakarta.servlet.http.HttpServlet",
                "javax.servlet.http.HttpServlet",
                "org.apache.catalina.connector.InputBuffer",
                "org.eclipse.jetty.server.HttpInput",
                "io.undertow.servlet.spec.ServletInputStreamImpl",
                "io.helidon.webserver.http1.Http1Connection"
            })
    void theFrameOfTheHandlerIsNamed(String server) {
        LeakSite site = blamed(
                LeakKind.PEER_CLOSED,
                stack(),
                frame("sun.nio.ch.SocketChannelImpl", "read", 1),
                frame(server, "read", 2),
                REJECT,
                frame(server, "service", 3),
                frame(server, "run", 4));

        assertEquals("com.example.smtp.Session.reject(Session.java:41)", site.location());
        assertFalse(LeakSites.hasApplicationFrame(stack(frame(server, "read", 2), THREAD)));
    }

    /** The JDK reads on a thread of its own before it calls the handler. */
    @Test
    void theReadOfAnAsynchronousChannelHasNoFrameOfTheHandler() {
        assertFalse(LeakSites.hasApplicationFrame(stack(
                frame("sun.nio.ch.UnixAsynchronousSocketChannelImpl", "finishRead", 1),
                frame("sun.nio.ch.EPollPort$EventHandlerTask", "run", 2),
                frame("java.util.concurrent.ThreadPoolExecutor$Worker", "run", 3),
                THREAD)));
        assertTrue(LeakSites.hasApplicationFrame(
                stack(frame("sun.nio.ch.UnixAsynchronousSocketChannelImpl", "implRead", 1), REJECT, THREAD)));
        assertFalse(LeakSites.hasApplicationFrame(stack()));
    }

    private LeakSite blamed(LeakKind kind, StackTraceElement[] opening, StackTraceElement... stack) {
        var blame = new Blame(BlameKind.END_OF_INPUT, 5, "worker", stack, "");
        return sites.of(kind, StackOrigin.OPENED, opening, blame, opening);
    }

    @Test
    void aFrameWithoutAFileNameIsStillTold() {
        assertEquals(
                "com.example.Scripted.run(Unknown Source)",
                site(JDK_SHUTDOWN, new StackTraceElement("com.example.Scripted", "run", null, -1))
                        .location());
    }

    @Test
    void afterTwoHundredAndFiftySixSitesAllFurtherOnesAreOneCalledOther() {
        var known = new ArrayList<LeakSite>();
        for (int line = 1; line <= 256; line++) {
            known.add(site(JDK_SHUTDOWN, frame("com.example.Server", "run", line)));
        }
        assertEquals(256, sites.all().size());
        LeakSite other = site(JDK_SHUTDOWN, frame("com.example.Server", "run", 257));
        for (int line = 258; line <= 10_000; line++) {
            assertSame(other, site(JDK_SHUTDOWN, frame("com.example.Server", "run", line)));
        }

        assertEquals("other", other.id());
        assertEquals(257, sites.all().size());
        for (int line = 1; line <= 256; line++) {
            assertSame(known.get(line - 1), site(JDK_SHUTDOWN, frame("com.example.Server", "run", line)));
        }
        assertNotEquals("other", known.get(255).id());
    }

    private LeakSite site(StackTraceElement... stack) {
        return Leaks.siteIn(sites, LeakKind.HALF_CLOSED, StackOrigin.HALF_CLOSED, stack);
    }

    private static StackTraceElement[] stack(StackTraceElement... frames) {
        return Stream.of(frames).toArray(StackTraceElement[]::new);
    }

    private static StackTraceElement frame(String type, String method, int line) {
        String file =
                type.substring(type.lastIndexOf('.', type.indexOf('/') < 0 ? type.length() : type.indexOf('/')) + 1)
                                .replaceAll("[$/].*", "")
                        + ".java";
        return new StackTraceElement(type, method, file, line);
    }
}
