package io.socketreaper.text;

/**
 * Makes text of others safe to show: the name of a thread, a process or a setting may hold what a client has sent. A character that could
 * forge a line of a log, steer a terminal, or turn the direction of writing becomes a question mark.
 *
 * <p>Without lambdas and regular expressions: the settings are read with it before {@code main}.
 */
public final class PrintableText {
    private static final String CUT = "...";

    private PrintableText() {}

    /** The text on one line. */
    public static String line(String text) {
        return replaced(text, false);
    }

    /** The same, not longer than {@code length} characters: the rest is three dots. */
    public static String line(String text, int length) {
        String line = line(text);
        return line.length() <= length ? line : line.substring(0, Math.max(0, length - CUT.length())) + CUT;
    }

    /** The text with its line breaks and tabs. */
    public static String block(String text) {
        return replaced(text, true);
    }

    private static String replaced(String text, boolean layout) {
        var printable = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            boolean shown = isPrintable(c) || layout && (c == '\n' || c == '\t');
            printable.appendCodePoint(shown ? c : '?');
            i += Character.charCount(c);
        }
        return printable.toString();
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
