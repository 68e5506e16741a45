package io.socketreaper.config;

/** Where a setting's value came from, strongest first. */
public enum Source {
    /** A change while the agent runs, by command line, JMX or status page. */
    CHANGE,
    /** {@code -javaagent:socket-reaper.jar=key=value}, or the arguments of an attach. */
    ARGUMENT,
    /** {@code -Dsocketreaper.key=value}. */
    SYSTEM_PROPERTY,
    /** {@code SOCKETREAPER_KEY=value}. */
    ENVIRONMENT,
    /** A line of the properties file named by {@code config}. */
    FILE,
    /** Nobody set it, or what was set is not valid. */
    DEFAULT
}
