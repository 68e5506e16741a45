package io.socketreaper.heap;

/**
 * One object of a path, and the field by which it refers to the next.
 *
 * @param className of the object; of a class with a static field that class
 * @param field     e.g. {@code static Parked.connections}, {@code Handler.socket}, {@code HashMap[*]} or {@code [*]}
 */
public record Holder(String className, String field) {
    /** Whether it is of the application or of a library, not of the JDK. */
    public boolean isApplication() {
        return !JdkNames.isJdk(className);
    }
}
