package io.socketreaper.descriptor;

import io.socketreaper.model.Clock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes each TCP socket of this network namespace has sent or queued that its peer has not acknowledged, by inode: the
 * {@code tx_queue} of {@code /proc/self/net/tcp} and {@code tcp6}; see proc(5). Reaper thread only.
 *
 * <p>One pass reads both files. It takes about two microseconds of a processor for each socket, three quarters of them in the
 * kernel, so one pass should serve all claims of a round. The arrays are kept from one pass to the next.
 */
public final class SendQueues {
    /** {@link #of} could not find out: the socket is not listed, or the files cannot be read. */
    public static final int UNKNOWN = -1;

    private static final String[] FILES = {"/proc/self/net/tcp", "/proc/self/net/tcp6"};
    private static final int SMALLEST = 256;
    /** Columns of a line, counted from 0: {@code tx_queue:rx_queue} and {@code inode}. */
    private static final int QUEUES = 4;

    private static final int INODE = 9;

    private final Clock clock;
    private final String[] names;
    private final RandomAccessFile[] kept;
    private byte @Nullable [] buffer;
    /** Open addressing; 0 is no inode. The length is a power of two. */
    private long[] inodes = new long[SMALLEST];

    private int[] queues = new int[SMALLEST];
    private int count;
    private boolean everRead;
    /** When the last pass began; every queue is at least that new. */
    private long readAt;

    public SendQueues(Clock clock) {
        this(clock, FILES);
    }

    SendQueues(Clock clock, String... names) {
        this.clock = clock;
        this.names = names;
        this.kept = new RandomAccessFile[names.length];
    }

    /**
     * Opens the files and keeps them open, and reads them once: a process that has run out of descriptors cannot open them any
     * more. Costs two descriptors until {@link #close}. Without it every pass opens and closes them.
     */
    public void prepare() {
        for (int i = 0; i < names.length; i++) {
            if (kept[i] == null) {
                try {
                    kept[i] = new RandomAccessFile(names[i], "r");
                } catch (IOException notThere) {
                    // a pass will try again
                }
            }
        }
        read();
    }

    /** Closes what {@link #prepare} has opened. */
    public void close() {
        for (int i = 0; i < kept.length; i++) {
            close(kept[i]);
            kept[i] = null;
        }
    }

    private static void close(@Nullable RandomAccessFile file) {
        if (file != null) {
            try {
                file.close();
            } catch (IOException readOnly) {
                // the file was only read
            }
        }
    }

    /**
     * The bytes of a socket that are sent or queued and not acknowledged, a FIN counting as one; {@link #UNKNOWN} if that could
     * not be found out, in particular for a socket in state CLOSE, which the kernel does not list.
     *
     * @param notBefore nano time: an older pass does not serve, a new one is made
     */
    public int of(long inode, long notBefore) {
        if (!everRead || readAt - notBefore < 0) {
            read();
        }
        int slot = slot(inode);
        return inode == 0 || inodes[slot] != inode ? UNKNOWN : queues[slot];
    }

    /** Makes a pass. */
    private void read() {
        readAt = clock.nanoTime();
        everRead = true;
        empty();
        byte[] into = buffer;
        if (into == null) {
            into = new byte[64 * 1024];
            buffer = into;
        }
        for (int i = 0; i < names.length; i++) {
            read(i, into);
        }
    }

    /** The arrays shrink when a crowd has gone. */
    private void empty() {
        if (inodes.length > SMALLEST && count < inodes.length / 16) {
            inodes = new long[inodes.length / 4];
            queues = new int[inodes.length];
        } else {
            Arrays.fill(inodes, 0);
        }
        count = 0;
    }

    private void read(int index, byte[] into) {
        RandomAccessFile file = kept[index];
        RandomAccessFile opened = null;
        try {
            if (file == null) {
                opened = new RandomAccessFile(names[index], "r");
                file = opened;
            } else {
                file.seek(0);
            }
            parse(file, into);
        } catch (IOException outOfDescriptors) {
            // then its sockets are not known
        } finally {
            close(opened);
        }
    }

    private void parse(RandomAccessFile file, byte[] into) throws IOException {
        var line = new Line();
        for (int read = file.read(into); read > 0; read = file.read(into)) {
            for (int i = 0; i < read; i++) {
                if (into[i] != '\n') {
                    line.add(into[i]);
                } else {
                    if (line.isOfSocket()) {
                        put(line.inode, line.queue);
                    }
                    line.clear();
                }
            }
        }
    }

    /** The line that is being read. Its words are counted, and two of them are numbers. The heading has no inode. */
    private static final class Line {
        private int column;
        private boolean inWord;
        private long queue;
        private boolean queueOver;
        private long inode;
        private boolean valid;

        Line() {
            clear();
        }

        void clear() {
            column = -1;
            inWord = false;
            queue = 0;
            queueOver = false;
            inode = 0;
            valid = true;
        }

        boolean isOfSocket() {
            return valid && inode != 0 && column >= INODE;
        }

        void add(int character) {
            if (character == ' ') {
                inWord = false;
                return;
            }
            if (!inWord) {
                inWord = true;
                column++;
            }
            if (column == QUEUES && !queueOver) {
                addToQueue(character);
            } else if (column == INODE) {
                valid &= character >= '0' && character <= '9';
                inode = inode * 10 + (character - '0');
            }
        }

        private void addToQueue(int character) {
            if (character == ':') {
                queueOver = true;
            } else {
                int digit = Character.digit(character, 16);
                valid &= digit >= 0;
                queue = queue << 4 | digit & 0xf;
            }
        }
    }

    private void put(long inode, long queue) {
        if (count >= inodes.length / 2) {
            grow();
        }
        int slot = slot(inode);
        int bytes = (int) Math.min(queue, Integer.MAX_VALUE);
        if (inodes[slot] == inode) {
            // The kernel's walk may meet a socket twice.
            queues[slot] = Math.max(queues[slot], bytes);
            return;
        }
        inodes[slot] = inode;
        queues[slot] = bytes;
        count++;
    }

    private void grow() {
        long[] fewer = inodes;
        int[] theirs = queues;
        inodes = new long[fewer.length * 2];
        queues = new int[inodes.length];
        for (int i = 0; i < fewer.length; i++) {
            if (fewer[i] != 0) {
                int slot = slot(fewer[i]);
                inodes[slot] = fewer[i];
                queues[slot] = theirs[i];
            }
        }
    }

    /** Where the inode is, or would be. */
    private int slot(long inode) {
        int mask = inodes.length - 1;
        int slot = (int) ((inode * 0x9E3779B97F4A7C15L) >>> 40) & mask;
        while (inodes[slot] != 0 && inodes[slot] != inode) {
            slot = slot + 1 & mask;
        }
        return slot;
    }
}
