package io.socketreaper.stack.counted;

import io.socketreaper.stack.HookProbe;
import io.socketreaper.stack.HookTrace;
import io.socketreaper.stack.SocketStack;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.nio.channels.spi.SelectorProvider;
import sun.nio.ch.SocketReaperHook;

/** The self-test of what is only counted: opens one and closes it. */
record CountedHookProbe(HookTrace trace, Counted counted) implements HookProbe {
    @Override
    public String what() {
        return "opened and closed one";
    }

    @Override
    public Result run(SocketStack stack) {
        try {
            trace.begin(Class.forName(counted.className()));
            openAndClose(stack.provider());
        } catch (IOException | ReflectiveOperationException | RuntimeException noDescriptor) {
            return Result.couldNotRun(noDescriptor);
        }
        return trace.result(SocketReaperHook.OPENED, SocketReaperHook.RELEASED);
    }

    private void openAndClose(SelectorProvider provider) throws IOException {
        if (counted == Counted.SELECTOR) {
            provider.openSelector().close();
        } else if (counted == Counted.DATAGRAM) {
            provider.openDatagramChannel().close();
        } else {
            Pipe pipe = provider.openPipe();
            try (Closeable source = pipe.source();
                    Closeable sink = pipe.sink()) {
                // both are closed at once
            }
        }
    }
}
