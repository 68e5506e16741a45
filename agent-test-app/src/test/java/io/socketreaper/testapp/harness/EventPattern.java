package io.socketreaper.testapp.harness;

import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Matches events of the agent's log by their name and by what some of their fields say. Immutable. */
public final class EventPattern {
    private final String description;
    private final Predicate<LoggedEvent> test;

    private EventPattern(String description, Predicate<LoggedEvent> test) {
        this.description = description;
        this.test = test;
    }

    /** Matches events of that name. */
    public static EventPattern event(String name) {
        return new EventPattern(name, event -> event.name().equals(name));
    }

    /** Matches every event. */
    public static EventPattern any() {
        return new EventPattern("any event", event -> true);
    }

    /** Matches every report of a leak. */
    public static EventPattern leak() {
        return event("leak");
    }

    /** Matches reports of leaks of that kind and grade. */
    public static EventPattern leak(String kind, String grade) {
        return leak().with("kind", kind).with("grade", grade);
    }

    /** Matches reports of leaks of that kind. */
    public static EventPattern leak(String kind) {
        return leak().with("kind", kind);
    }

    /** Matches reports of leaks that were left alone because {@code action=log} holds for them. */
    public static EventPattern logged() {
        return leak().with("outcome", "logged");
    }

    /** Matches reports of leaks that were drained and whose descriptor is gone. */
    public static EventPattern drained() {
        return leak().with("outcome", "drained");
    }

    /** Matches reports of leaks that were drained of so many bytes, up to the end of input. */
    public static EventPattern drained(long bytes) {
        return drained().with("drained_bytes", bytes).with("drain_end", "end-of-input");
    }

    /** Matches reports of leaks that were closed without reading and whose descriptor is gone. */
    public static EventPattern closed() {
        return leak().with("outcome", "closed");
    }

    /** Matches reports of leaks that were closed and whose descriptor is still there. */
    public static EventPattern stillHeld() {
        return leak().with("outcome", "still-held");
    }

    /** Matches the counts of a site with so many leaked sockets. */
    public static EventPattern counts(long found) {
        return event("counts").with("found", found);
    }

    /** Matches the counts of a site: so many leaked sockets, of which the agent has released so many. */
    public static EventPattern counts(long found, long released) {
        return counts(found).with("released", released);
    }

    /** A field says so: a text, a whole number or a boolean. */
    public EventPattern with(String field, Object value) {
        return and(
                field + "=" + value,
                event -> event.has(field) && event.text(field).equals(value.toString()));
    }

    /** A field is one of these words. */
    public EventPattern withOneOf(String field, String... values) {
        return and(field + " one of " + Set.of(values), event -> Set.of(values).contains(event.text(field)));
    }

    /** The text of a field contains a match. */
    public EventPattern matching(String field, String regex) {
        var pattern = Pattern.compile(regex, Pattern.MULTILINE);
        return and(
                field + " like '" + regex + "'",
                event -> event.has(field) && pattern.matcher(event.text(field)).find());
    }

    /** The message that a person would read contains a match: for what no field says. */
    public EventPattern saying(String regex) {
        return matching("message", regex);
    }

    /** A number is in the range, both ends included. */
    public EventPattern between(String field, long least, long most) {
        return and(
                least + " <= " + field + " <= " + most,
                event -> event.has(field) && event.number(field) >= least && event.number(field) <= most);
    }

    public EventPattern atLeast(String field, long least) {
        return between(field, least, Long.MAX_VALUE);
    }

    /** A list contains that word. */
    public EventPattern listing(String field, String word) {
        return and(field + " lists " + word, event -> event.list(field).contains(word));
    }

    /** Some frame of the stack contains a match. */
    public EventPattern inFrame(String regex) {
        var pattern = Pattern.compile(regex);
        return and(
                "a frame like '" + regex + "'",
                event -> event.list("stack").stream()
                        .anyMatch(frame -> pattern.matcher(frame).find()));
    }

    /** The first application frame contains a match. */
    public EventPattern at(String regex) {
        return matching("location", regex);
    }

    /** The first application frame, or some frame of the stack, contains a match. */
    public EventPattern inCode(String regex) {
        var pattern = Pattern.compile(regex);
        return and(
                "code like '" + regex + "'",
                event -> pattern.matcher(event.text("location")).find()
                        || event.list("stack").stream()
                                .anyMatch(frame -> pattern.matcher(frame).find()));
    }

    /** All these fields are there, whatever they say. */
    public EventPattern having(String... fields) {
        return and("with " + Set.of(fields), event -> Set.of(fields).stream().allMatch(event::has));
    }

    public EventPattern without(String field) {
        return and("without " + field, event -> !event.has(field));
    }

    public EventPattern and(String what, Predicate<LoggedEvent> more) {
        return new EventPattern(description + ", " + what, test.and(more));
    }

    public boolean matches(LoggedEvent event) {
        return test.test(event);
    }

    @Override
    public String toString() {
        return description;
    }
}
