package io.socketreaper.heap;

import java.io.File;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import shark.GcRoot;
import shark.HeapGraph;
import shark.HeapObject;
import shark.HeapObject.HeapInstance;

/** Names why an object is alive without another that holds it. Digits of a thread's name are left out, so that a pool's threads are one. */
final class RootNames {
    private final Map<Integer, String> threads = new HashMap<>();

    private final File dump;
    /** Null before a local variable is named. */
    private @Nullable ThreadFrames frames;

    RootNames(HeapGraph graph, File dump) {
        this.dump = dump;
        for (var root : graph.getGcRoots()) {
            if (root instanceof GcRoot.ThreadObject thread) {
                threads.put(thread.getThreadSerialNumber(), name(graph.findObjectByIdOrNull(thread.getId())));
            }
        }
    }

    String of(GcRoot root, HeapObject object) {
        if (root instanceof GcRoot.ThreadObject) {
            return name(object);
        }
        if (root instanceof GcRoot.JavaFrame frame) {
            if (frames == null) {
                frames = ThreadFrames.of(dump);
            }
            String method = frames.frame(frame.getThreadSerialNumber(), frame.getFrameNumber());
            return "local variable of " + thread(frame.getThreadSerialNumber())
                    + (method == null ? "" : " in " + method);
        }
        if (root instanceof GcRoot.JniLocal local) {
            return "native local variable of " + thread(local.getThreadSerialNumber());
        }
        return root instanceof GcRoot.JniGlobal
                ? "native code (JNI global)"
                : root instanceof GcRoot.MonitorUsed ? "monitor that is held" : "the JVM";
    }

    private String thread(int number) {
        return threads.getOrDefault(number, "a thread");
    }

    private static String name(@Nullable HeapObject thread) {
        var field = thread instanceof HeapInstance instance ? instance.get("java.lang.Thread", "name") : null;
        String name = field == null ? null : field.getValue().readAsJavaString();
        return name == null ? "a thread" : "thread \"" + name.replaceAll("\\d+", "*") + '"';
    }
}
