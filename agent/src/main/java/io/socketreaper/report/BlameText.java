package io.socketreaper.report;

import io.socketreaper.leak.Blame;
import io.socketreaper.model.BlameKind;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;

/** The words for the line to blame. */
final class BlameText {
    private BlameText() {}

    /** The line and what it did, or why no line is known. */
    static String of(Blame blame) {
        return blame.isKnown()
                ? PrintableText.line(blame.location()) + ": " + blame.kind().deed()
                : "not known: " + blame.why();
    }

    /** The line about the last read or write, before its stack. */
    static String use(Blame blame) {
        return (blame.kind() == BlameKind.LAST_WRITE ? "last written " : "last read ")
                + HumanText.duration(blame.millisAgo()) + " ago by thread \"" + PrintableText.line(blame.thread())
                + "\" in";
    }
}
