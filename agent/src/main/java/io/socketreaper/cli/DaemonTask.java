package io.socketreaper.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** A call that may hang: it runs on a daemon thread, which does not keep the command from ending. */
final class DaemonTask {
    private DaemonTask() {}

    static <T> Future<T> start(String threadName, Callable<T> call) {
        var task = new FutureTask<>(call);
        var thread = new Thread(task, threadName);
        thread.setDaemon(true);
        thread.start();
        return task;
    }
}
