package io.socketreaper.stack;

import io.socketreaper.descriptor.Descriptors;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A stack of sockets that connect: their objects guard the descriptor alike. */
public abstract class StreamSocketStack extends SocketStack {
    private StateLockFields fields;

    public StreamSocketStack(String name, String className, Descriptors descriptors) {
        super(name, className, descriptors);
    }

    @Override
    public final void resolveMembers(@Nullable Class<?> type) throws ReflectiveOperationException {
        fields = resolveFields(Objects.requireNonNull(type));
    }

    public abstract StateLockFields resolveFields(Class<?> type) throws ReflectiveOperationException;

    /** Looks up what a class of ours keeps as constants, here and not on an application's thread. */
    public static void initialise(Class<?> constants) throws ReflectiveOperationException {
        try {
            Class.forName(constants.getName(), true, constants.getClassLoader());
        } catch (ExceptionInInitializerError failed) {
            if (failed.getCause() instanceof ReflectiveOperationException missing) {
                throw missing;
            }
            throw failed;
        }
    }

    public final StateLockFields fields() {
        return fields;
    }
}
