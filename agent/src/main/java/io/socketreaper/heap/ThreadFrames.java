package io.socketreaper.heap;

import java.io.File;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import shark.HprofHeader;
import shark.HprofRecord.LoadClassRecord;
import shark.HprofRecord.StackFrameRecord;
import shark.HprofRecordReader;
import shark.HprofRecordTag;
import shark.StreamingHprofReader;

/** The stacks of the threads in a dump. Shark's index leaves them out, so they are read in a pass of their own. */
final class ThreadFrames {
    private final Map<Long, String> strings = new HashMap<>();
    /** Names of classes by serial number. */
    private final Map<Integer, Long> classes = new HashMap<>();

    private final Map<Long, StackFrameRecord> frames = new HashMap<>();
    /** Frames by serial number of the thread, the innermost first. */
    private final Map<Integer, long[]> stacks = new HashMap<>();

    private ThreadFrames() {}

    static ThreadFrames of(File dump) {
        var found = new ThreadFrames();
        StreamingHprofReader.Companion.readerFor(dump, HprofHeader.Companion.parseHeaderOf(dump))
                .readRecords(
                        EnumSet.of(
                                HprofRecordTag.STRING_IN_UTF8,
                                HprofRecordTag.LOAD_CLASS,
                                HprofRecordTag.STACK_FRAME,
                                HprofRecordTag.STACK_TRACE),
                        found::add);
        return found;
    }

    private void add(HprofRecordTag tag, long length, HprofRecordReader reader) {
        switch (tag) {
            case STRING_IN_UTF8 -> {
                var string = reader.readStringRecord(length);
                strings.put(string.getId(), string.getString());
            }
            case LOAD_CLASS -> {
                LoadClassRecord loaded = reader.readLoadClassRecord();
                classes.put(loaded.getClassSerialNumber(), loaded.getClassNameStringId());
            }
            case STACK_FRAME -> {
                var frame = reader.readStackFrameRecord();
                frames.put(frame.getId(), frame);
            }
            default -> {
                var trace = reader.readStackTraceRecord();
                stacks.put(trace.getThreadSerialNumber(), trace.getStackFrameIds());
            }
        }
    }

    /**
     * The frame of a thread, and which frame of the application called it if it is the JDK's, e.g.
     * {@code com.example.Handler.handle(Handler.java:12)}; null if the dump does not tell.
     */
    @Nullable
    String frame(int thread, int number) {
        long[] stack = stacks.get(thread);
        var frame = stack == null || number < 0 || number >= stack.length ? null : frames.get(stack[number]);
        if (stack == null || frame == null) {
            return null;
        }
        for (int i = number; i < stack.length; i++) {
            var caller = frames.get(stack[i]);
            if (caller != null && !JdkNames.isJdk(type(caller))) {
                return text(frame) + (i == number ? "" : ", called by " + text(caller));
            }
        }
        return text(frame);
    }

    private String type(StackFrameRecord frame) {
        String type = strings.get(classes.getOrDefault(frame.getClassSerialNumber(), 0L));
        return type == null ? "?" : type.replace('/', '.');
    }

    private String text(StackFrameRecord frame) {
        String file = strings.get(frame.getSourceFileNameStringId());
        String line = frame.getLineNumber() > 0 ? ":" + frame.getLineNumber() : "";
        return type(frame)
                + '.'
                + strings.get(frame.getMethodNameStringId())
                + (file == null ? "" : '(' + file + line + ')');
    }
}
