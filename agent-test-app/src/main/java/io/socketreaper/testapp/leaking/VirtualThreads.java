package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** As {@link BlockingMode}, each connection on a virtual thread that ends without closing it. */
public final class VirtualThreads implements Scenario {
    private static final int SINCE = 21;

    @Override
    public String name() {
        return "virtual-threads";
    }

    @Override
    public String summary() {
        return "as blocking-mode, on virtual threads";
    }

    @Override
    public boolean leaks() {
        return true;
    }

    @Override
    public String unsupportedBecause() {
        int running = Runtime.version().feature();
        return running >= SINCE ? null : "virtual threads came with JDK " + SINCE + ", this is " + running;
    }

    @Override
    public void play(Run run) throws Exception {
        try (var server = new ThreadPerConnectionServer(run, BlockingMode::serve, perTask())) {
            Farewell.playClients(run, server.address());
        }
    }

    /** By reflection: this source is compiled for Java 17. */
    private static ExecutorService perTask() throws ReflectiveOperationException {
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }
}
