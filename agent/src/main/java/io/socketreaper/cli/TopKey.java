package io.socketreaper.cli;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The keys of {@code top}. */
enum TopKey {
    QUIT,
    UP,
    DOWN,
    PAGE_UP,
    PAGE_DOWN,
    HOME,
    END,
    SORT,
    HELP,
    /** Any other key. */
    OTHER;

    private static final int ESCAPE = 27;
    /** A sequence of a terminal ends with a byte from here on, ECMA-48. */
    private static final int FINAL = 0x40;

    /** Waits for a key as a terminal sends it; null at the end of the input. */
    static @Nullable TopKey read(InputStream in) throws IOException {
        int c = in.read();
        return switch (c) {
            case -1 -> null;
            case 'q', 'Q' -> QUIT;
            case 's', 'S' -> SORT;
            case '?', 'h' -> HELP;
            case 'k' -> UP;
            case 'j' -> DOWN;
            case ' ' -> PAGE_DOWN;
            // An arrow comes as one piece; the key Escape alone has no more bytes.
            case ESCAPE -> in.available() > 0 ? sequence(in) : OTHER;
            default -> OTHER;
        };
    }

    /** E.g. {@code [A}, {@code OA} or {@code [5~}. */
    private static TopKey sequence(InputStream in) throws IOException {
        int first = in.read();
        if (first != '[' && first != 'O') {
            return OTHER;
        }
        var parameter = new StringBuilder();
        int c = in.read();
        while (c >= 0 && c < FINAL) {
            parameter.append((char) c);
            c = in.read();
        }
        return switch (c) {
            case 'A' -> UP;
            case 'B' -> DOWN;
            case 'H' -> HOME;
            case 'F' -> END;
            case '~' ->
                switch (parameter.toString()) {
                    case "1", "7" -> HOME;
                    case "4", "8" -> END;
                    case "5" -> PAGE_UP;
                    case "6" -> PAGE_DOWN;
                    default -> OTHER;
                };
            default -> OTHER;
        };
    }
}
