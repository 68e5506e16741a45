package io.socketreaper.owner.relocated.apache.tomcat.util.net;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** A Tomcat connection whose executor runs when a test says so. */
public abstract class SocketWrapperBase {
    private final Lock lock = new ReentrantLock();
    private final Endpoint endpoint = new Endpoint();
    private final List<String> calls = new ArrayList<>();

    public void processSocket(SocketEvent event, boolean dispatch) {
        calls.add(event + (dispatch ? " elsewhere" : " here"));
    }

    public void setError(IOException error) {
        if (!calls.contains("error: " + error.getMessage())) {
            calls.add("error: " + error.getMessage());
        }
    }

    public void close() {
        calls.add("close");
    }

    public Lock getLock() {
        return lock;
    }

    protected Endpoint getEndpoint() {
        return endpoint;
    }

    public List<String> calls() {
        return calls;
    }

    public void runExecutor() {
        while (!endpoint.tasks.isEmpty()) {
            endpoint.tasks.remove().run();
        }
    }

    public void stop() {
        endpoint.running = false;
    }

    /** It has the executor. */
    protected static final class Endpoint {
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private boolean running = true;

        public Executor getExecutor() {
            return running ? tasks::add : null;
        }
    }
}
