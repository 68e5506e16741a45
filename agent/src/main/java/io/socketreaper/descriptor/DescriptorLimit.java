package io.socketreaper.descriptor;

import org.jspecify.annotations.Nullable;

/**
 * How many descriptors a process may have open, as {@code /proc/PID/limits} says.
 *
 * @param soft the limit that holds; {@link #UNLIMITED} if there is none
 * @param hard the limit up to which the process may raise it without root; the same
 */
public record DescriptorLimit(long soft, long hard) {
    public static final long UNLIMITED = -1;

    private static final String NAME = "Max open files";

    /** Reads a line of that file; null if it is about something else, or not as expected. */
    public static @Nullable DescriptorLimit parse(String line) {
        if (!line.startsWith(NAME)) {
            return null;
        }
        String[] values = line.substring(NAME.length()).trim().split("\\s+");
        try {
            return values.length < 2 ? null : new DescriptorLimit(number(values[0]), number(values[1]));
        } catch (NumberFormatException unknown) {
            return null;
        }
    }

    private static long number(String text) {
        return text.equals("unlimited") ? UNLIMITED : Long.parseLong(text);
    }
}
