package io.socketreaper.cli;

/** The exit codes of all commands. Scripts rely on them, so none changes its meaning. */
enum ExitCode {
    DONE(0, "done"),
    FAILED(1, "the command failed; the reason is on standard error"),
    USAGE(2, "wrong usage"),
    NO_PROCESS(3, "the process does not exist, is not accessible, or does not answer"),
    NO_AGENT(4, "the agent is not in that JVM"),
    REFUSED(5, "the agent refused"),
    LEAKING(10, "done, and the verdict is \"leaking\" (only with --fail-on-leak)"),
    /** As a shell reports a program that SIGPIPE has ended: 128 and the number of the signal. */
    CLOSED_PIPE(141, "the process that reads the output has ended, such as head; no message is printed");

    final int code;
    final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }
}
