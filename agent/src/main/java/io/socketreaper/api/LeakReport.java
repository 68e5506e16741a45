package io.socketreaper.api;

import java.util.List;

/**
 * One leaked socket, as it was when it was found, and what was done about it. Later versions may add components.
 *
 * @param kind        {@code half-closed}, {@code peer-closed}, {@code window-full}, {@code closed-not-released},
 *                    {@code unreachable} or {@code never-connected}
 * @param grade       how sure it is: {@code proven}, {@code strong}, {@code weak} or {@code doubtful}
 * @param site        id of the leak site, eight hex digits: the same for all leaks of one line of code, in every run
 * @param location    the line of code to blame, else that of the half-close or opening: {@code Class.method(File:line)}
 * @param stack       of the half-close or else of the opening, innermost frame first; empty if it was not taken. That of the line to
 *                    blame, where it is another, is in the text. Unmodifiable
 * @param local       our end, {@code address:port}; empty if unknown
 * @param peer        the other end, the same
 * @param descriptor  number of its descriptor, -1 if unknown
 * @param unreadBytes bytes that the application has not read
 * @param signMillis  since the half-close, else since another sign was found, milliseconds
 * @param openMillis  since it was opened, or first met, the same
 * @param idleMillis  since the last activity of application or network, the same
 * @param outcome     what was done: {@code logged}, {@code excluded}, {@code spared}, {@code drained}, {@code closed},
 *                    {@code closed-by-application}, {@code still-held} or {@code given-up}
 * @param text        the report in full, several lines, as in the log
 */
public record LeakReport(
        String kind,
        String grade,
        String site,
        String location,
        List<StackTraceElement> stack,
        String local,
        String peer,
        int descriptor,
        int unreadBytes,
        long signMillis,
        long openMillis,
        long idleMillis,
        String outcome,
        String text) {}
