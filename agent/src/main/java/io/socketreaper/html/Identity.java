package io.socketreaper.html;

import io.socketreaper.control.ProcessInfo;
import io.socketreaper.control.Status;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;
import java.util.StringJoiner;

/**
 * Which process a page is about.
 *
 * @param name    main class without its package, or jar; the source of the figures if neither is known
 * @param program main class in full, or jar; empty if unknown
 * @param facts   host, process, JVM and uptime, as far as they are known
 */
record Identity(String name, String program, String facts) {
    private static final long SECOND = 1000;

    static Identity of(ReportModel model) {
        ProcessInfo process = model.process();
        Status status = model.status();
        String program = PrintableText.line(process.program());
        var facts = new StringJoiner(" · ");
        if (!process.host().isEmpty()) {
            facts.add("host " + process.host());
        }
        if (status.pid() > 0) {
            facts.add("pid " + status.pid());
        }
        if (!process.jvm().isBlank()) {
            facts.add(process.jvm());
        }
        long up = status.nowMillis() - process.startedMillis();
        if (process.startedMillis() > 0 && up >= 0) {
            facts.add("up " + HumanText.longDuration(up / SECOND));
        }
        boolean isClass = !program.endsWith(".jar");
        return new Identity(
                program.isEmpty()
                        ? PrintableText.line(model.source())
                        : isClass ? program.substring(program.lastIndexOf('.') + 1) : program,
                program,
                PrintableText.line(facts.toString()));
    }

    /** For the title of a window. */
    String title(ReportModel model) {
        String host = model.process().host();
        return name
                + (program.isEmpty() || model.status().pid() <= 0
                        ? ""
                        : " (" + model.status().pid() + ")")
                + (host.isEmpty() ? "" : " on " + PrintableText.line(host));
    }
}
