package io.socketreaper.cli;

import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as people write them: {@code 500ms}, {@code 10s}, {@code 5m}, {@code 2h}; between two of them. */
class DurationConverter implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

    private final String shortest;
    private final String longest;

    DurationConverter(String shortest, String longest) {
        this.shortest = shortest;
        this.longest = longest;
    }

    @Override
    public Duration convert(String value) {
        var duration = parse(value);
        if (duration == null) {
            throw new TypeConversionException(
                    "'" + value + "' is not a duration; write a number and its unit, such as 10s, 5m or 2h, from "
                            + shortest + " to " + longest);
        }
        if (duration.compareTo(parse(shortest)) < 0 || duration.compareTo(parse(longest)) > 0) {
            throw new TypeConversionException(
                    "'" + value + "' is too " + (duration.compareTo(parse(shortest)) < 0 ? "short" : "long")
                            + "; write a duration from " + shortest + " to " + longest);
        }
        return duration;
    }

    /** Null if it is none. */
    private static @Nullable Duration parse(String value) {
        var match = FORM.matcher(value);
        if (!match.matches()) {
            return null;
        }
        long amount = Long.parseLong(match.group(1));
        return switch (match.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }
}
