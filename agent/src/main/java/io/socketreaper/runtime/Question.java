package io.socketreaper.runtime;

import io.socketreaper.thread.ReaperThread;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** A question to the reaper thread, which answers it at the end of its round. */
interface Question<T> extends Callable<T> {
    @Override
    @ReaperThread
    @Nullable
    T call() throws Exception;
}
