package io.socketreaper.cli;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A heap dump that another JVM writes: it is deleted when it is closed, and when this command is interrupted. The JVM creates the file itself,
 * readable by its user only.
 */
final class HeapDumpFile implements AutoCloseable {
    /** A terabyte takes less; a JVM that never ends is left by Ctrl-C. */
    private static final Duration PATIENCE = Duration.ofHours(2);
    /** How long an interrupted command waits for the JVM, which creates the file only after its collection. */
    private static final Duration LEAVING = Duration.ofSeconds(60);

    private static final long LOOK_MILLIS = 100;
    private static final String DONE = "Heap dump file created";

    private final long pid;
    private final TargetFiles.Place place;
    private volatile boolean keep;
    private volatile @Nullable Future<String> writing;
    private final ExitCleanup atExit = new ExitCleanup(this::deleteAtExit);

    private HeapDumpFile(long pid, TargetFiles.Place place) {
        this.pid = pid;
        this.place = place;
    }

    /** Where the next dump will be. */
    static TargetFiles.Place place(TargetFiles files, @Nullable Path directory) {
        return files.in(directory, "socket-reaper-" + files.pid() + '-' + UUID.randomUUID() + ".hprof");
    }

    /**
     * Has the JVM write its dump.
     *
     * @param keep do not delete it at the end, once it is complete
     */
    static HeapDumpFile take(AgentClient client, TargetFiles.Place place, boolean keep, ProgressLine progress)
            throws InterruptedException {
        var dump = new HeapDumpFile(client.pid(), place);
        try {
            dump.write(client.attachment(), progress);
            dump.keep = keep;
            return dump;
        } catch (RuntimeException | InterruptedException e) {
            dump.close();
            throw e;
        }
    }

    private void write(Attachment attachment, ProgressLine progress) throws InterruptedException {
        var task = attachment.dumpHeap(place.there());
        writing = task;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                String said = task.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (!said.contains(DONE) || !Files.exists(place.here())) {
                    throw new CliException(
                            ExitCode.FAILED,
                            "process " + pid + " has not written its heap dump to " + place.there() + ": "
                                    + said.replaceFirst("(?s).*\\.\\.\\.\\s*", "")
                                            .strip()
                                    + "; --directory names another directory");
                }
                return;
            } catch (TimeoutException e) {
                if (System.nanoTime() > deadline) {
                    throw new CliException(
                            ExitCode.FAILED,
                            "process " + pid + " has not ended its heap dump within " + PATIENCE.toHours() + " h",
                            e);
                }
                progress.show("process " + pid + " writes its heap: " + HeapUse.text(size()));
            } catch (ExecutionException e) {
                throw attachment.failure(e);
            }
        }
    }

    /** As this process sees it. */
    Path path() {
        return place.here();
    }

    /** How large it is so far. */
    long size() {
        try {
            return Files.size(place.here());
        } catch (IOException notYet) {
            return 0;
        }
    }

    @Override
    public void close() {
        delete();
        atExit.close();
    }

    private void deleteAtExit() {
        var task = writing;
        long deadline = System.nanoTime() + LEAVING.toNanos();
        if (task != null && !task.isDone()) {
            System.err.println("process " + pid + " still writes its heap dump, which is deleted at once");
        }
        while (task != null && !task.isDone() && System.nanoTime() < deadline) {
            delete();
            try {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        delete();
        if (task != null && !task.isDone()) {
            System.err.println("process " + pid + " has not ended its heap dump; afterwards delete " + place.there());
        }
    }

    /** Deletes the file and its parts, which a newer JVM writes in parallel. */
    private void delete() {
        if (keep) {
            return;
        }
        Path file = place.here();
        try (var parts = Files.newDirectoryStream(Objects.requireNonNull(file.getParent()), file.getFileName() + "*")) {
            for (Path part : parts) {
                Files.deleteIfExists(part);
            }
        } catch (IOException | DirectoryIteratorException left) {
            if (Files.exists(file)) {
                System.err.println("the heap dump " + file + " could not be deleted: " + left);
            }
        }
    }
}
