package io.socketreaper.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One of a few words: the constants of an enum in lower case, with hyphens. */
final class Choice<E extends Enum<E>> extends Setting<E> {
    private final E[] constants;
    private final List<String> words = new ArrayList<>();

    Choice(String name, String defaultText, E[] constants, String doc) {
        super(name, defaultText, doc);
        this.constants = constants;
        for (var constant : constants) {
            words.add(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
    }

    @Override
    E parse(String text) {
        int at = words.indexOf(text);
        if (at >= 0) {
            return constants[at];
        }
        String nearest = Spelling.nearest(text, words);
        throw new IllegalArgumentException(
                nearest == null ? "it is not one of the words" : "did you mean " + Given.quote(nearest) + "?");
    }

    @Override
    String unit() {
        return "word";
    }

    @Override
    String range() {
        return String.join(", ", words);
    }

    @Override
    String forms() {
        return "one of " + range();
    }
}
