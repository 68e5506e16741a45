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

    /** Looks up what a class of ours keeps as constants, here and not on an application's thread. */
    static void initialise(Class<?> constants) throws ReflectiveOperationException {
        try {
            Class.forName(constants.getName(), true, constants.getClassLoader());
        } catch (ExceptionInInitializerError failed) {
            if (failed.getCause() instanceof ReflectiveOperationException missing) {
                throw missing;
            }
            throw failed;
        }
    }

    final JdkSocketFields fields() {
        return fields;
    }
}
