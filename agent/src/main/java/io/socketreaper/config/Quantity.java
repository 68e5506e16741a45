package io.socketreaper.config;

import java.time.Duration;

/** A whole number with a unit and a range: a duration in milliseconds, a size in bytes, a percentage, or a plain count. */
final class Quantity extends Setting<Long> {
    private static final String[] DURATION_UNITS = {"ms", "s", "m", "h"};
    private static final long[] DURATION_FACTORS = {1, 1_000, 60_000, 3_600_000};
    private static final String[] SIZE_UNITS = {"", "B", "kB", "KB", "KiB", "MB", "MiB", "GB", "GiB"};
    private static final long[] SIZE_FACTORS = {1, 1, 1_000, 1_000, 1 << 10, 1_000_000, 1 << 20, 1_000_000_000, 1 << 30
    };
    private static final String[] PERCENT_UNITS = {"%"};
    private static final String[] COUNT_UNITS = {""};
    private static final long[] COUNT_FACTORS = {1};

    private final String unit;
    private final String examples;
    private final String[] units;
    private final long[] factors;
    private final String range;
    private final String minText;
    private final String maxText;
    private final long min;
    private final long max;

    private Quantity(
            String name,
            String defaultText,
            String minText,
            String maxText,
            String doc,
            String unit,
            String examples,
            String[] units,
            long[] factors) {
        super(name, defaultText, doc);
        this.unit = unit;
        this.examples = examples;
        this.units = units;
        this.factors = factors;
        this.minText = minText;
        this.maxText = maxText;
        this.range = minText + " to " + maxText;
        this.min = amount(minText);
        this.max = amount(maxText);
    }

    /** A setting in milliseconds. */
    static Quantity duration(String name, String defaultText, String min, String max, String doc) {
        return new Quantity(
                name,
                defaultText,
                min,
                max,
                doc,
                "duration",
                "500ms, 60s, 5m, 2h or PT1M",
                DURATION_UNITS,
                DURATION_FACTORS);
    }

    /** A setting in bytes. */
    static Quantity size(String name, String defaultText, String min, String max, String doc) {
        return new Quantity(
                name, defaultText, min, max, doc, "size", "4096, 64kB, 512KiB, 2MiB or 1GiB", SIZE_UNITS, SIZE_FACTORS);
    }

    /** A setting in percent. */
    static Quantity percent(String name, String defaultText, String min, String max, String doc) {
        return new Quantity(name, defaultText, min, max, doc, "percentage", defaultText, PERCENT_UNITS, COUNT_FACTORS);
    }

    /** A setting that counts what {@code unit} names. */
    static Quantity count(String name, String defaultText, String min, String max, String unit, String doc) {
        return new Quantity(name, defaultText, min, max, doc, unit, defaultText, COUNT_UNITS, COUNT_FACTORS);
    }

    @Override
    Long parse(String text) {
        long amount = amount(text);
        if (amount < min) {
            throw new IllegalArgumentException("it is below " + minText);
        }
        if (amount > max) {
            throw new IllegalArgumentException("it is above " + maxText);
        }
        return amount;
    }

    @Override
    String unit() {
        return unit;
    }

    @Override
    String range() {
        return range;
    }

    @Override
    String forms() {
        String kind = units == COUNT_UNITS ? "number of " + unit : unit;
        return "a " + kind + " such as " + examples + ", from " + range;
    }

    private long amount(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("it is empty");
        }
        char first = text.charAt(0);
        if (units == DURATION_UNITS && (first == 'P' || first == 'p')) {
            return isoDuration(text);
        }
        if (first == '-') {
            throw new IllegalArgumentException("it is negative");
        }
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        if (digits == 0) {
            throw new IllegalArgumentException("it does not start with a number");
        }
        long factor = factor(text.substring(digits).trim());
        try {
            return Math.multiplyExact(Long.parseLong(text, 0, digits, 10), factor);
        } catch (ArithmeticException | NumberFormatException overflow) {
            throw new IllegalArgumentException("it is too large", overflow);
        }
    }

    private long factor(String suffix) {
        for (int i = 0; i < units.length; i++) {
            if (units[i].equals(suffix)) {
                return factors[i];
            }
        }
        if (suffix.isEmpty()) {
            throw new IllegalArgumentException("it has no unit");
        }
        if (suffix.charAt(0) == '.') {
            throw new IllegalArgumentException("it is not a whole number");
        }
        if (units == COUNT_UNITS) {
            throw new IllegalArgumentException("it is not a plain number");
        }
        throw new IllegalArgumentException("it has the unknown unit " + Given.quote(suffix));
    }

    private static long isoDuration(String text) {
        try {
            return Duration.parse(text).toMillis();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("it is too large", e);
        } catch (RuntimeException e) { // naming DateTimeException here would load it with every start
            throw new IllegalArgumentException("it is not an ISO 8601 duration", e);
        }
    }
}
