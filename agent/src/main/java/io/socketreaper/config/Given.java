package io.socketreaper.config;

import io.socketreaper.text.PrintableText;

/** One setting's value as it holds, with the words to show it; a null value means "none". */
record Given(String text, Object value, Source source, String origin) {
    /** Characters of a wrong value that a problem shows: enough to find it, and a whole file pasted by mistake stays short. */
    private static final int QUOTED = 100;

    Given {
        text = PrintableText.line(text);
        origin = PrintableText.line(origin);
    }

    static Given byDefault(Setting<?> setting) {
        return new Given(setting.defaultText, setting.parse(setting.defaultText), Source.DEFAULT, "default");
    }

    static String quote(String text) {
        return "\"" + (text.length() > QUOTED ? text.substring(0, QUOTED) + "..." : text) + "\"";
    }
}
