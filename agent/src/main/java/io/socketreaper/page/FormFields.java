package io.socketreaper.page;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The fields of a form or a query. What cannot be decoded is not there. */
final class FormFields {
    private final Map<String, String> values = new HashMap<>();

    FormFields(String encoded) {
        for (String pair : encoded.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                try {
                    values.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
                } catch (IllegalArgumentException malformed) {
                    // left out
                }
            }
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** Empty if it is not there. */
    String get(String name) {
        return values.getOrDefault(name, "");
    }
}
