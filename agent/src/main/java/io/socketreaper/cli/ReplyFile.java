package io.socketreaper.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/**
 * A file for an answer, or for what is too long for a request, readable by the target's user only. It is read through the descriptor with which it was created, so a
 * user who may write to that directory cannot replace it.
 */
final class ReplyFile implements AutoCloseable {
    private final TargetFiles.Place place;
    private final FileChannel channel;
    /** Deletes the file at exit: otherwise the agent would write to it for an hour. */
    private final ExitCleanup atExit = new ExitCleanup(this::delete);

    private ReplyFile(TargetFiles.Place place, FileChannel channel) {
        this.place = place;
        this.channel = channel;
    }

    static ReplyFile in(TargetFiles files) {
        var place = files.temporary("socket-reaper-" + UUID.randomUUID() + ".reply");
        ReplyFile reply = null;
        try {
            reply = new ReplyFile(
                    place,
                    FileChannel.open(
                            place.here(),
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
            files.giveAway(place.here());
            return reply;
        } catch (IOException | UnsupportedOperationException e) {
            if (reply != null) {
                reply.close();
            }
            throw new CliException(
                    ExitCode.FAILED,
                    "no file for the answer can be created in " + place.here().getParent()
                            + ", the temporary directory of process " + files.pid() + ": " + e,
                    e);
        }
    }

    /** A file with that text, for the target to read. */
    static ReplyFile holding(TargetFiles files, byte[] text) throws IOException {
        var file = in(files);
        try {
            var bytes = ByteBuffer.wrap(text);
            while (bytes.hasRemaining()) {
                file.channel.write(bytes);
            }
            return file;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** As the target sees it. */
    String name() {
        return place.there();
    }

    String read() throws IOException {
        var bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
        int at = 0;
        for (int read = 0; bytes.hasRemaining() && read >= 0; at += Math.max(0, read)) {
            read = channel.read(bytes, at);
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    boolean isThere() {
        return Files.exists(place.here(), LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public void close() {
        delete();
        atExit.close();
    }

    private void delete() {
        try (channel) {
            Files.deleteIfExists(place.here());
        } catch (IOException left) {
            // the target may have ended, and its directory with it
        }
    }
}
