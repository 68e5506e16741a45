package io.socketreaper.log;

/**
 * A message with facts for machines: logged as the only argument of the pattern {@code {}}. {@link Object#toString} is the
 * message; a text log writes only that.
 */
public interface LogEvent {
    /** What happened, in lower case with hyphens; docs/events.md lists them. */
    String name();

    void facts(LogFields facts);
}
