package io.socketreaper.log;

import io.socketreaper.model.Clock;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * A file of bounded size, with older ones beside it. It is opened with the first line. Entries that cannot be written go to another log,
 * and the file is tried again a minute later. One thread.
 *
 * <p>Only {@code java.io}: the file may be written before {@code main}, which may want to configure file systems.
 */
final class RotatingFile implements LineWriter {
    private static final long AGAIN = TimeUnit.MINUTES.toNanos(1);

    private final String setting;
    private final File file;
    private final long mostBytes;
    private final int kept;
    private final LineWriter instead;
    private final Clock clock;

    private @Nullable FileOutputStream out;
    private long length;
    /** Neither a device nor a pipe. */
    private boolean plain;

    private boolean failing;
    private long triedAt;
    private long writtenInstead;
    private boolean rotationFailed;
    private long rotationTriedAt;

    /**
     * @param setting what the operator wrote, for messages
     * @param kept    how many files are kept beside the one that is written
     * @param instead has the form of this log
     */
    RotatingFile(String setting, File file, long mostBytes, int kept, LineWriter instead, Clock clock) {
        this.setting = setting;
        this.file = file.getAbsoluteFile();
        this.mostBytes = mostBytes;
        this.kept = kept;
        this.instead = instead;
        this.clock = clock;
    }

    @Override
    public void write(String line) {
        if (failing && clock.nanoTime() - triedAt < AGAIN) {
            writeInstead(line);
            return;
        }
        try {
            if (failing) {
                append(line(
                        Level.INFO,
                        "log=" + setting + " can be written again; entries that went to standard error " + "meanwhile: "
                                + writtenInstead));
            }
            append(line);
            failing = false;
            writtenInstead = 0;
        } catch (IOException | RuntimeException failure) {
            close();
            triedAt = clock.nanoTime();
            if (!failing) {
                failing = true;
                instead.write(line(
                        Level.ERROR,
                        "log=" + setting + " cannot be written (" + failure.getMessage()
                                + "): its entries go to standard error; the agent tries again every minute"));
            }
            writeInstead(line);
        }
    }

    /** Entries of the current outage that went to the other log. */
    long writtenInstead() {
        return writtenInstead;
    }

    @Override
    public String line(Level level, String message) {
        return instead.line(level, message);
    }

    @Override
    public String stalled() {
        return "log=" + setting + " could not be written";
    }

    private void writeInstead(String line) {
        writtenInstead++;
        instead.write(line);
    }

    private void append(String line) throws IOException {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        if (out != null && plain && (file.length() != length || !file.exists())) {
            // Another program has moved, truncated or removed the file, or writes to it, too.
            close();
        }
        if (out == null) {
            open();
        }
        if (length > 0 && length + bytes.length > mostBytes) {
            rotate();
        }
        try {
            Objects.requireNonNull(out).write(bytes);
            length += bytes.length;
        } catch (IOException failure) {
            takeBack(bytes.length);
            throw failure;
        }
    }

    private void open() throws IOException {
        if (!file.exists()) {
            if (!file.createNewFile()) {
                throw new IOException("it is a symbolic link to a missing file");
            }
            // The file is still empty.
            file.setReadable(false, false);
            file.setReadable(true, true);
            file.setWritable(false, false);
            file.setWritable(true, true);
        } else if (!file.isFile() && !file.getPath().startsWith("/dev/")) {
            // Opening a pipe without a reader would block for ever.
            throw new IOException("it is not a regular file");
        }
        out = new FileOutputStream(file, true);
        plain = file.isFile();
        length = plain ? file.length() : 0;
    }

    /** If it cannot be rotated the file grows: keeping the lines matters more than the bound. */
    private void rotate() throws IOException {
        if (!plain || isLink() || rotationFailed && clock.nanoTime() - rotationTriedAt < AGAIN) {
            return;
        }
        close();
        boolean moved = moveAll();
        if (!moved) {
            rotationTriedAt = clock.nanoTime();
            if (!rotationFailed) {
                instead.write(line(
                        Level.ERROR,
                        "log=" + setting
                                + " cannot be rotated (renaming failed): the file grows "
                                + "beyond log.size ; the agent tries again every minute"));
            }
        }
        rotationFailed = !moved;
        open();
    }

    private boolean moveAll() {
        for (int i = kept - 1; i >= 1; i--) {
            File from = older(i);
            if (from.exists() && !from.renameTo(older(i + 1))) {
                return false;
            }
        }
        return file.renameTo(older(1));
    }

    private File older(int age) {
        return new File(file.getPath() + "." + age);
    }

    /** A link is not renamed, because it belongs to its creator. */
    private boolean isLink() throws IOException {
        return !new File(file.getParentFile().getCanonicalFile(), file.getName()).equals(file.getCanonicalFile());
    }

    /** Removes the beginning of an entry that did not fit on the disk. */
    private void takeBack(int most) {
        long now = file.length();
        if (!plain || now <= length || now >= length + most) {
            return;
        }
        try (var whole = new RandomAccessFile(file, "rw")) {
            whole.setLength(length);
        } catch (IOException stays) {
            // then it stays there
        }
    }

    @Override
    public void close() {
        if (out == null) {
            return;
        }
        try {
            out.close();
        } catch (IOException failure) {
            // what was written is written
        }
        out = null;
    }
}
