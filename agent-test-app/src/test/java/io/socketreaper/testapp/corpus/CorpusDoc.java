package io.socketreaper.testapp.corpus;

import io.socketreaper.testapp.harness.RealProgram;
import java.util.List;

/** The tables of {@code docs/corpus.md} with the leaks that are proven one by one, and with the well-behaved programs beside them. */
final class CorpusDoc {
    private final CorpusTable leaking = new CorpusTable(
            "leaking",
            CorpusIT.class,
            List.of(
                    "case",
                    "library",
                    "version",
                    "issue",
                    "kind",
                    "held without / found / released",
                    "ms on 17",
                    "ms on the newest"),
            List.of("library", "version", "issue", "kind"));
    private final CorpusTable wellBehaved = new CorpusTable(
            "well-behaved",
            CorpusIT.class,
            List.of(
                    "program",
                    "libraries",
                    "versions",
                    "what it does",
                    "reported",
                    "touched",
                    "bytes on 17",
                    "bytes on the newest"),
            List.of("libraries", "versions", "what", "reported"));

    /** So many sockets of a leaking program are held without the agent, and so many it has found and released. */
    void released(RealProgram program, long held, long found, long released, String millis) {
        leaking.set(program, 0, held + " / " + found + " / " + released);
        leaking.setOfThisJdk(program, released > 0 ? millis : "-");
    }

    /** A run of a well-behaved program has checked so many bytes. */
    void intact(RealProgram program, long bytes) {
        wellBehaved.set(program, 0, "0");
        wellBehaved.setOfThisJdk(program, "" + bytes);
    }

    void write(List<RealProgram> leakingPrograms, List<RealProgram> wellBehavedPrograms) {
        leaking.write(leakingPrograms);
        wellBehaved.write(wellBehavedPrograms);
    }

    void check(List<RealProgram> leakingPrograms, List<RealProgram> wellBehavedPrograms) {
        leaking.check(leakingPrograms);
        wellBehaved.check(wellBehavedPrograms);
    }
}
