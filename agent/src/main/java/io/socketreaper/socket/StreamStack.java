package io.socketreaper.socket;

/** A stack of sockets that connect: their objects guard the descriptor alike. */
abstract class StreamStack extends JdkStack {
    private JdkSocketFields fields;

    StreamStack(String name, String className, Descriptors descriptors) {
        super(name, className, descriptors);
    }

    @Override
    final void resolveMembers(Class<?> type) throws ReflectiveOperationException {
        fields = resolveFields(type);
    }

    abstract JdkSocketFields resolveFields(Class<?> type) throws ReflectiveOperationException;

    final JdkSocketFields fields() {
        return fields;
    }
}
