package io.socketreaper.testapp;

import io.socketreaper.testapp.leaking.AdaptorStream;
import io.socketreaper.testapp.leaking.AsyncChannel;
import io.socketreaper.testapp.leaking.BlockingMode;
import io.socketreaper.testapp.leaking.ClassicSocket;
import io.socketreaper.testapp.leaking.CloseWait;
import io.socketreaper.testapp.leaking.CloseWaitAsync;
import io.socketreaper.testapp.leaking.CloseWaitSocket;
import io.socketreaper.testapp.leaking.CloseWaitUnix;
import io.socketreaper.testapp.leaking.DeadLoop;
import io.socketreaper.testapp.leaking.DeadSelector;
import io.socketreaper.testapp.leaking.DroppedChannel;
import io.socketreaper.testapp.leaking.DroppedListener;
import io.socketreaper.testapp.leaking.DroppedOpen;
import io.socketreaper.testapp.leaking.DroppedUnused;
import io.socketreaper.testapp.leaking.HttpClientPerRequest;
import io.socketreaper.testapp.leaking.NettyAutoread;
import io.socketreaper.testapp.leaking.ParkedConnections;
import io.socketreaper.testapp.leaking.PeerKeepsSending;
import io.socketreaper.testapp.leaking.PeerReset;
import io.socketreaper.testapp.leaking.PeerStaysOpen;
import io.socketreaper.testapp.leaking.PoolForgotten;
import io.socketreaper.testapp.leaking.ReplyInFlight;
import io.socketreaper.testapp.leaking.ResolverDatagrams;
import io.socketreaper.testapp.leaking.SmtpReject;
import io.socketreaper.testapp.leaking.TcpServer;
import io.socketreaper.testapp.leaking.TlsEngine;
import io.socketreaper.testapp.leaking.TlsOver;
import io.socketreaper.testapp.leaking.TlsSocket;
import io.socketreaper.testapp.leaking.UnixDomain;
import io.socketreaper.testapp.leaking.VirtualThreads;
import io.socketreaper.testapp.leaking.WindowFull;
import io.socketreaper.testapp.wellbehaved.AsyncLateReader;
import io.socketreaper.testapp.wellbehaved.DroppedSocket;
import io.socketreaper.testapp.wellbehaved.LateReader;
import io.socketreaper.testapp.wellbehaved.LongAnswer;
import io.socketreaper.testapp.wellbehaved.LongWait;
import io.socketreaper.testapp.wellbehaved.OwnLinger;
import io.socketreaper.testapp.wellbehaved.Relay;
import io.socketreaper.testapp.wellbehaved.SlowConsumer;
import io.socketreaper.testapp.wellbehaved.SocketWait;
import io.socketreaper.testapp.wellbehaved.TlsLongWait;
import io.socketreaper.testapp.wellbehaved.TlsSlowConsumer;
import io.socketreaper.testapp.wellbehaved.UnixWait;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Every scenario there is, in the order of {@code list}. */
final class Scenarios {
    static final List<Scenario> ALL = List.of(
            new SmtpReject(),
            new TcpServer(),
            new PeerStaysOpen(),
            new PeerKeepsSending(),
            new ReplyInFlight(),
            new NettyAutoread(),
            new BlockingMode(),
            new AdaptorStream(),
            new ClassicSocket(),
            new AsyncChannel(),
            new TlsSocket(),
            new TlsOver(),
            new TlsEngine(),
            new DroppedChannel(),
            new VirtualThreads(),
            new UnixDomain(),
            new CloseWait(),
            new CloseWaitSocket(),
            new CloseWaitAsync(),
            new CloseWaitUnix(),
            new PeerReset(),
            new WindowFull(),
            new DeadLoop(),
            new DeadSelector(),
            new DroppedOpen(),
            new DroppedUnused(),
            new DroppedListener(),
            new HttpClientPerRequest(),
            new ResolverDatagrams(),
            new PoolForgotten(),
            new ParkedConnections(),
            new SlowConsumer(),
            new LongWait(),
            new Relay(),
            new OwnLinger(),
            new LateReader(),
            new AsyncLateReader(),
            new TlsLongWait(),
            new TlsSlowConsumer(),
            new LongAnswer(),
            new UnixWait(),
            new SocketWait(),
            new DroppedSocket());

    private Scenarios() {}

    static Optional<Scenario> named(String name) {
        return ALL.stream().filter(scenario -> scenario.name().equals(name)).findFirst();
    }

    static String names() {
        return ALL.stream().map(Scenario::name).collect(Collectors.joining(", "));
    }
}
