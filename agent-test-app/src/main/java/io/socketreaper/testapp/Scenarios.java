package io.socketreaper.testapp;

import io.socketreaper.testapp.leaking.AdaptorStream;
import io.socketreaper.testapp.leaking.BlockingMode;
import io.socketreaper.testapp.leaking.ClassicSocket;
import io.socketreaper.testapp.leaking.DroppedChannel;
import io.socketreaper.testapp.leaking.NettyAutoread;
import io.socketreaper.testapp.leaking.PeerKeepsSending;
import io.socketreaper.testapp.leaking.PeerStaysOpen;
import io.socketreaper.testapp.leaking.ReplyInFlight;
import io.socketreaper.testapp.leaking.SmtpReject;
import io.socketreaper.testapp.leaking.TcpServer;
import io.socketreaper.testapp.leaking.VirtualThreads;
import io.socketreaper.testapp.wellbehaved.LateReader;
import io.socketreaper.testapp.wellbehaved.LongWait;
import io.socketreaper.testapp.wellbehaved.OwnLinger;
import io.socketreaper.testapp.wellbehaved.Relay;
import io.socketreaper.testapp.wellbehaved.SlowConsumer;
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
            new DroppedChannel(),
            new VirtualThreads(),
            new SlowConsumer(),
            new LongWait(),
            new Relay(),
            new OwnLinger(),
            new LateReader());

    private Scenarios() {
    }

    static Optional<Scenario> named(String name) {
        return ALL.stream().filter(scenario -> scenario.name().equals(name)).findFirst();
    }

    static String names() {
        return ALL.stream().map(Scenario::name).collect(Collectors.joining(", "));
    }
}
