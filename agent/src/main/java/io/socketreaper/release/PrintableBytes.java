package io.socketreaper.release;

/** Makes bytes of the wire safe to print: printable ASCII as it is, the rest as Java would write it in a string. */
final class PrintableBytes {
    private PrintableBytes() {}

    static void append(StringBuilder text, byte b) {
        switch (b) {
            case '\r' -> text.append("\\r");
            case '\n' -> text.append("\\n");
            case '\t' -> text.append("\\t");
            case '\\' -> text.append("\\\\");
            case '"' -> text.append("\\\"");
            default -> {
                if (b >= 0x20 && b < 0x7f) {
                    text.append((char) b);
                } else {
                    text.append("\\x")
                            .append(Character.forDigit(b >> 4 & 0xf, 16))
                            .append(Character.forDigit(b & 0xf, 16));
                }
            }
        }
    }
}
