package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;

/** The founding story cut down to four lines of text. */
public final class TcpServer implements Scenario {
    @Override
    public String name() {
        return "tcpserver";
    }

    @Override
    public String summary() {
        return "NIO server ends first, the client answers \"fine, u are boss\" and closes";
    }

    @Override
    public boolean leaks() {
        return true;
    }

    @Override
    public void play(Run run) throws Exception {
        try (var server = new LineServer(run, Farewell::new)) {
            Farewell.playClients(run, server.address());
        }
    }
}
