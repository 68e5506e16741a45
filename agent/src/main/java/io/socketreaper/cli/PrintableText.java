package io.socketreaper.cli;

/** Names that others have chosen, such as a process's: what would steer a terminal is not passed on. */
final class PrintableText {
    private PrintableText() {}

    static String of(String text) {
        var printable = new StringBuilder(text.length());
        text.codePoints().forEach(c -> printable.appendCodePoint(steers(c) && c != '\n' ? '?' : c));
        return printable.toString();
    }

    /** Controls, those of direction among them, and what some take for the end of a line. */
    private static boolean steers(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }

    /** On one line and not longer than that. */
    static String of(String text, int length) {
        var line = of(text).replace('\n', '?');
        return line.length() <= length ? line : line.substring(0, Math.max(0, length - 3)) + "...";
    }
}
