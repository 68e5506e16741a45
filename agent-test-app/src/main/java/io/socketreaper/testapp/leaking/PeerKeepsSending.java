package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The client has 4 MB to send into the half-closed socket and blocks when the window is full. */
public final class PeerKeepsSending implements Scenario {
    private static final int UPLOAD = 4 << 20;
    private static final int CHUNK = 16 << 10;
    /** Small, so that the client is really held up by the server and not done when its own kernel has it all. */
    private static final int SEND_BUFFER = 64 << 10;

    @Override
    public String name() {
        return "peer-keeps-sending";
    }

    @Override
    public String summary() {
        return "the client uploads 4 MB into the half-closed socket";
    }

    @Override
    public boolean leaks() {
        return true;
    }

    @Override
    public void play(Run run) throws Exception {
        var complete = new AtomicInteger();
        run.extra("uploads_complete", complete::get);
        var uploading = new CountDownLatch(run.sockets());
        try (var server = new LineServer(run, Farewell::new)) {
            Peers.quick(run, () -> {
                var peer = Farewell.connect(run, server.address(), SEND_BUFFER);
                run.endWith(peer);
                var uploader = new Thread(() -> upload(peer, uploading, complete), "uploader");
                uploader.setDaemon(true);
                uploader.start();
            });
            if (!uploading.await(30, TimeUnit.SECONDS)) {
                run.damaged("client: " + uploading.getCount() + " never began to upload");
            }
        }
    }

    private static void upload(Peer peer, CountDownLatch uploading, AtomicInteger complete) {
        try (peer) {
            var chunk = new byte[CHUNK];
            for (int sent = 0; sent < UPLOAD; sent += CHUNK) {
                if (!peer.sendAfterEnd(chunk)) {
                    return;
                }
                uploading.countDown();
            }
            complete.incrementAndGet();
        }
    }
}
