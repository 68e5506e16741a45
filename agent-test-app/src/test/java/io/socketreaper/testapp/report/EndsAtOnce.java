package io.socketreaper.testapp.report;

/** Runs in a child JVM, and has nothing to do. */
final class EndsAtOnce {
    private EndsAtOnce() {}

    public static void main(String[] arguments) {
        Runtime.getRuntime().exit(0);
    }
}
