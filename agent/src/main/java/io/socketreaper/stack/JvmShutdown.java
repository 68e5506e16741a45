package io.socketreaper.stack;

/** Tells whether the JVM has begun to end. */
final class JvmShutdown {
    private JvmShutdown() {}

    /**
     * From then on classes are no longer woven, threads of the application's come to their end anywhere, and what fails says nothing of
     * this JDK. Any thread.
     */
    static boolean hasBegun() {
        try {
            var nothing = new Thread(null, null, "socket-reaper-nothing", 0, false);
            Runtime.getRuntime().addShutdownHook(nothing);
            Runtime.getRuntime().removeShutdownHook(nothing);
            return false;
        } catch (IllegalStateException shutdownInProgress) {
            return true;
        } catch (SecurityException | OutOfMemoryError notTold) {
            return false;
        }
    }
}
