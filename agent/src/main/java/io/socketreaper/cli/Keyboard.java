package io.socketreaper.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A terminal that passes each key on at once and does not show it, by {@code stty}; Ctrl-C works as before. It is as it was before once this is
 * closed.
 */
final class Keyboard implements AutoCloseable {
    private final String before;
    private boolean closed;

    private Keyboard(String before) {
        this.before = before;
    }

    /** Null if standard input is no terminal, or there is no {@code stty}. */
    static @Nullable Keyboard open() {
        String before = stty("-g");
        if (before == null) {
            return null;
        }
        var keyboard = new Keyboard(before.strip());
        if (!keyboard.takeOver()) {
            keyboard.close();
            return null;
        }
        return keyboard;
    }

    /** Makes the terminal as it was before, until {@link #takeOver()}. */
    void giveBack() {
        stty(before);
    }

    /** False if that failed. While a shell has this process in the background the kernel stops it here. */
    boolean takeOver() {
        return stty("-icanon", "-echo", "min", "1", "time", "0") != null;
    }

    /** What it says; null if it fails. */
    static @Nullable String stty(String... arguments) {
        var command = new ArrayList<>(List.of("stty"));
        command.addAll(List.of(arguments));
        try {
            var stty = new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .start();
            if (stty.waitFor(1, TimeUnit.SECONDS) && stty.exitValue() == 0) {
                return new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException noStty) {
            // as below
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return null;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            giveBack();
        }
    }
}
