package io.socketreaper.cli;

/** Names that others have chosen, such as a process's: what would steer a terminal is not passed on. */
final class Printable {
    private Printable() {
    }

    static String of(String text) {
        var printable = new StringBuilder(text.length());
        text.codePoints().forEach(c -> printable.appendCodePoint(Character.isISOControl(c) && c != '\n' ? '?' : c));
        return printable.toString();
    }

    /** On one line and not longer than that. */
    static String of(String text, int length) {
        var line = of(text).replace('\n', '?');
        return line.length() <= length ? line : line.substring(0, Math.max(0, length - 3)) + "...";
    }
}
