package io.socketreaper.cli;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import io.socketreaper.control.HoldersNote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads what {@code holders --json} has printed. */
final class HoldersFile {
    private static final Gson GSON = new Gson();

    private HoldersFile() {}

    /**
     * Reads a file.
     *
     * @param pid the process that it must be of; 0 for any
     * @throws CliException if it cannot be read, is no such answer, or is of another process
     */
    static HoldersNote read(Path file, long pid) {
        HoldersAnswer answer;
        try {
            answer = GSON.fromJson(Files.readString(file), HoldersAnswer.class);
        } catch (IOException e) {
            throw new CliException(ExitCode.FAILED, file + " cannot be read: " + e, e);
        } catch (JsonParseException e) {
            throw new CliException(ExitCode.FAILED, isNone(file), e);
        }
        if (answer == null || !answer.isWhole()) {
            throw new CliException(ExitCode.FAILED, isNone(file));
        }
        if (pid > 0 && answer.pid() != null && answer.pid() != pid) {
            throw new CliException(
                    ExitCode.FAILED, file + " is about process " + answer.pid() + ", not about process " + pid);
        }
        return HoldersText.note(answer);
    }

    private static String isNone(Path file) {
        return file + " is not what holders --json prints; write it with: holders PID --yes --json > FILE.json";
    }
}
