package io.socketreaper.log;

/** The application whose log is looked for. */
public interface Application {
    /** Every class that is loaded. Takes milliseconds. */
    Class<?>[] loadedClasses();

    /** Whether the application has initialised it; asking does not. */
    boolean isInitialised(Class<?> type) throws ReflectiveOperationException;

    /** Lets our reflection into the package of a class. */
    void open(Class<?> type);
}
