package io.socketreaper.config;

import io.socketreaper.text.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * The value of one setting as it holds.
 *
 * @param text   as it would be written
 * @param value  what that means; null for "none"
 * @param origin the source that has set it, in words
 */
record Given(String text, @Nullable Object value, String origin) {
    /** Characters of a wrong value that a problem shows: enough to find it, and a whole file pasted by mistake stays short. */
    private static final int QUOTED = 100;

    Given {
        text = PrintableText.line(text);
        origin = PrintableText.line(origin);
    }

    static Given byDefault(Setting<?> setting) {
        return new Given(setting.defaultText, setting.parse(setting.defaultText), SettingValue.BY_DEFAULT);
    }

    static String quote(String text) {
        return "\"" + (text.length() > QUOTED ? text.substring(0, QUOTED) + "..." : text) + "\"";
    }
}
