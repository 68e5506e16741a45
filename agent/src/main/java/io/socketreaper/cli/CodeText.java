package io.socketreaper.cli;

import io.socketreaper.text.PrintableText;

/** A line of code, {@code Class.method(File:line)}, in few columns: the number of the line is never left out. */
final class CodeText {
    private static final String CUT = "...";

    private CodeText() {}

    /**
     * The text in no more columns than there are. Left out, one after the other: letters of the packages, the packages, the middle of class and
     * method, both, the name of the file.
     */
    static String cut(String code, int width) {
        String line = PrintableText.line(code);
        int place = line.lastIndexOf('(');
        if (line.length() <= width || place < 0 || !line.endsWith(")")) {
            return PrintableText.line(line, width);
        }
        String method = line.substring(0, place);
        String file = line.substring(place);
        int type = startOfClass(method);
        String packages = method.substring(0, type);
        String name = method.substring(type);
        int packageCount = (int) packages.chars().filter(c -> c == '.').count();
        for (int count = 1; count <= packageCount; count++) {
            String shorter = abbreviated(packages, count) + name + file;
            if (shorter.length() <= width) {
                return shorter;
            }
        }
        if (name.length() + file.length() <= width) {
            return name + file;
        }
        int left = width - file.length() - CUT.length();
        if (left > 0) {
            return name.substring(0, Math.min(name.length(), left)) + CUT + file;
        }
        return place(file.substring(1, file.length() - 1), width);
    }

    /** The columns that the name of the file and the line need. */
    static int least(String code) {
        int place = code.lastIndexOf('(');
        return place < 0 || !code.endsWith(")") ? 0 : code.length() - place - 2;
    }

    /** The columns that the text without its packages needs. */
    static int withoutPackages(String code) {
        int place = code.lastIndexOf('(');
        return place < 0 ? code.length() : code.length() - startOfClass(code.substring(0, place));
    }

    /** Where the name of the class begins, in {@code package.Class.method}. */
    private static int startOfClass(String method) {
        return method.lastIndexOf('.', Math.max(0, method.lastIndexOf('.') - 1)) + 1;
    }

    /** The first packages as their first letters, e.g. {@code c.e.server.mail.}. */
    private static String abbreviated(String packages, int count) {
        var text = new StringBuilder();
        int done = 0;
        for (String each : packages.split("\\.")) {
            text.append(done++ < count && !each.isEmpty() ? each.substring(0, 1) : each)
                    .append('.');
        }
        return text.toString();
    }

    /** {@code File:line}. */
    private static String place(String place, int width) {
        if (place.length() <= width) {
            return place;
        }
        int colon = place.lastIndexOf(':');
        if (colon < 0) {
            return PrintableText.line(place, width);
        }
        String number = place.substring(colon);
        int left = width - number.length() - CUT.length();
        return left > 0
                ? place.substring(0, left) + CUT + number
                : number.substring(Math.max(0, number.length() - width));
    }
}
