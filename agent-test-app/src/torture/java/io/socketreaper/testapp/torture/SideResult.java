package io.socketreaper.testapp.torture;

/**
 * The result of one side of a connection.
 *
 * @param role      {@code app}, {@code peer} or {@code backend}
 * @param touchable it looked leaked for so long that a release was allowed
 * @param rest      the longest time for which it looked leaked, milliseconds
 * @param received  bytes, each of them checked
 */
record SideResult(
        int number, String role, Kind kind, boolean touchable, long rest, long received, long sent, String cause) {
    private static final int FIELDS = 8;

    enum Kind {
        DONE,
        LEAKED,
        /** An operation threw. */
        FAILED,
        /** The stream ended in order and was short, or brought a wrong byte. */
        FORGED
    }

    SideResult as(Kind other) {
        return new SideResult(number, role, other, touchable, rest, received, sent, cause);
    }

    /** One line, for the other JVM. */
    String line() {
        return String.join(
                "\t",
                Integer.toString(number),
                role,
                kind.name(),
                Boolean.toString(touchable),
                Long.toString(rest),
                Long.toString(received),
                Long.toString(sent),
                cause.replaceAll("\\s+", " "));
    }

    static SideResult of(String line) {
        var fields = line.split("\t", FIELDS);
        return new SideResult(
                Integer.parseInt(fields[0]),
                fields[1],
                Kind.valueOf(fields[2]),
                Boolean.parseBoolean(fields[3]),
                Long.parseLong(fields[4]),
                Long.parseLong(fields[5]),
                Long.parseLong(fields[6]),
                fields[7]);
    }
}
