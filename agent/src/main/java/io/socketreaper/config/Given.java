package io.socketreaper.config;

/** One setting's value as it holds, with the words to show it; a null value means "none". */
record Given(String text, Object value, Source source, String origin) {
    /** Characters of a wrong value that a problem shows: enough to find it, and a whole file pasted by mistake stays short. */
    private static final int QUOTED = 100;

    Given {
        text = printable(text);
        origin = printable(origin);
    }

    static Given byDefault(Setting<?> setting) {
        return new Given(setting.defaultText, setting.parse(setting.defaultText), Source.DEFAULT, "default");
    }

    static String quote(String text) {
        return "\"" + (text.length() > QUOTED ? text.substring(0, QUOTED) + "..." : text) + "\"";
    }

    /** The text on one line: a line break that somebody set would forge a line of the log. */
    static String printable(String text) {
        var shown = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean breaksLine = Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
            shown.append(breaksLine ? '?' : c);
        }
        return shown.toString();
    }
}
