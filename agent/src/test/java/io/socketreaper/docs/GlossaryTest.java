package io.socketreaper.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.junit.NoSocketLeaks;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.Outcome.DrainEnd;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.Action;
import io.socketreaper.model.BlameKind;
import io.socketreaper.model.CountedState;
import io.socketreaper.model.DescriptorKind;
import io.socketreaper.model.Doubt;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import io.socketreaper.model.Veto;
import io.socketreaper.procfs.ScanVerdict;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/glossary.md has every word that a report or the command line can print, and the tables of words have no others. */
class GlossaryTest {
    private static final Pattern WORD = Pattern.compile("`([^`]+)`");
    /** Told in events of their own, or by a field of an outcome. */
    private static final Set<String> NOT_OUTCOMES = Set.of("given-up", "released-after-all");

    private static final Pattern TCP_STATE_IN_TEXT =
            Pattern.compile("\\b(?:[A-Z]+_(?:WAIT|SENT|RECV|ACK)\\d?|CLOSING)\\b");

    private final String glossary = Files.readString(GeneratedPart.file("glossary.md"));

    GlossaryTest() throws IOException {}

    @Test
    void everyLeakKind() {
        assertEquals(words(LeakKind.values()), defined("Leak kinds"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"events.md", "metrics.md", "how-it-works.md", "safety.md"})
    void pagesThatListTheKindsListThemAll(String page) throws IOException {
        String text = Files.readString(GeneratedPart.file(page));
        var missing = words(LeakKind.values());
        missing.removeIf(text::contains);
        assertEquals(Set.of(), missing);
    }

    @Test
    void aTestMayFailForEveryKind() throws IOException {
        assertEquals(words(LeakKind.values()), words(NoSocketLeaks.Kind.values()));
        var defaults = (NoSocketLeaks.Kind[]) method("kinds").getDefaultValue();
        assertEquals(Set.of(NoSocketLeaks.Kind.values()), Set.of(defaults));
        String text = Files.readString(GeneratedPart.file("testing.md"));
        var missing = strings(NoSocketLeaks.Kind.values(), kind -> "| `" + kind.name() + "` |");
        missing.removeIf(text::contains);
        assertEquals(Set.of(), missing);
    }

    private static Method method(String name) {
        try {
            return NoSocketLeaks.class.getMethod(name);
        } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everyGrade() {
        assertEquals(words(Grade.values()), defined("Grades"));
    }

    @Test
    void everyLineToBlame() {
        assertEquals(words(BlameKind.values()), defined("Lines to blame"));
    }

    @Test
    void everyDoubt() {
        assertEquals(words(Doubt.values()), defined("Doubts"));
    }

    @Test
    void everyVeto() {
        assertEquals(names(Veto.values()), defined("Vetoes"));
    }

    @Test
    void everyAction() {
        assertEquals(names(Action.values()), defined("Actions"));
    }

    @Test
    void everyOutcome() {
        var outcomes = Arrays.stream(Outcome.class.getPermittedSubclasses())
                .map(type -> hyphenated(type.getSimpleName()))
                .collect(Collectors.toCollection(TreeSet::new));
        outcomes.addAll(NOT_OUTCOMES);
        assertEquals(outcomes, defined("Outcomes"));
    }

    @Test
    void everyTcpState() {
        assertEquals(strings(TcpState.values(), Enum::name), defined("TCP states"));
    }

    @Test
    void whatElseReportsAndCommandsPrint() {
        var missing = new TreeSet<String>();
        missing.addAll(words(PeerAnswer.values()));
        missing.addAll(names(StackOrigin.values()));
        missing.addAll(names(DrainEnd.values()));
        missing.addAll(names(Holder.values()));
        missing.addAll(names(ScanVerdict.State.values()));
        missing.addAll(words(DescriptorKind.values()));
        missing.removeAll(quoted(glossary));
        assertEquals(Set.of(), missing);
    }

    @Test
    void noPageUsesAnotherTcpState() throws IOException {
        for (var page : List.of("cli.md", "runbook.md", "events.md", "jmx.md", "safety.md")) {
            var used = TCP_STATE_IN_TEXT
                    .matcher(Files.readString(GeneratedPart.file(page)))
                    .results()
                    .map(state -> state.group())
                    .collect(Collectors.toCollection(TreeSet::new));
            // Both of them, as a kind of descriptors.
            used.remove("FIN_WAIT");
            used.removeAll(strings(TcpState.values(), Enum::name));
            assertEquals(Set.of(), used, page);
        }
    }

    @Test
    void everyStateOfWhatIsOnlyCounted() throws IOException {
        assertEquals(words(CountedState.values()), defined("Counted states"));
        String page = Files.readString(GeneratedPart.file("open.md"));
        var missing = strings(CountedState.values(), state -> "| `" + state + "` |");
        missing.removeIf(page::contains);
        assertEquals(Set.of(), missing);
    }

    private static Set<String> words(Object[] values) {
        return strings(values, Object::toString);
    }

    private static Set<String> names(Enum<?>[] values) {
        return strings(values, value -> value.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    private static <T> Set<String> strings(T[] values, Function<? super T, String> text) {
        return Arrays.stream(values).map(text).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String hyphenated(String camelCase) {
        return camelCase.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    /** The words in the first column of the table below a heading. */
    private Set<String> defined(String heading) {
        int from = glossary.indexOf("\n## " + heading + "\n");
        assertTrue(from >= 0, heading);
        int to = glossary.indexOf("\n## ", from + 1);
        return glossary.substring(from, to)
                .lines()
                .filter(line -> line.startsWith("| `"))
                .flatMap(line -> quoted(line.split("\\|")[1]).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> quoted(String text) {
        return WORD.matcher(text).results().map(word -> word.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }
}
