package io.socketreaper.testapp.start;

import java.io.IOException;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** A second agent in the child JVM, beside Socket Reaper, that makes the JVM look as if it were another one. */
final class InterferingAgent {
    private static final String CHANNEL = "sun/nio/ch/SocketChannelImpl";

    private InterferingAgent() {}

    /** Packs the agent; what it does is told by its arguments: see {@link #premain}. */
    static Path pack(Path directory) throws IOException {
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", InterferingAgent.class.getName());
        manifest.getMainAttributes().putValue("Can-Retransform-Classes", "true");
        var jar = directory.resolve("interfering-agent.jar");
        try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (var type : new Class<?>[] {InterferingAgent.class, Replacement.class}) {
                var entry = type.getName().replace('.', '/') + ".class";
                out.putNextEntry(new JarEntry(entry));
                try (var bytes = type.getClassLoader().getResourceAsStream(entry)) {
                    bytes.transferTo(out);
                }
            }
        }
        return jar;
    }

    /**
     * Called by the JVM.
     *
     * @param what {@code nothing}; {@code java=VERSION}: pretends to be that Java; {@code erase}: gives the channel class
     *             its original bytes back; {@code rename}: gives one of its methods another name
     */
    public static void premain(String what, Instrumentation instrumentation) throws IOException {
        if (what.startsWith("java=")) {
            System.setProperty("java.specification.version", what.substring("java=".length()));
        } else if (!what.equals("nothing")) {
            try (var in = Object.class.getModule().getResourceAsStream(CHANNEL + ".class")) {
                var bytes = in.readAllBytes();
                instrumentation.addTransformer(new Replacement(what.equals("rename") ? renamed(bytes) : bytes), true);
            }
        }
    }

    /** The name stands once in the class file, as a constant that the method and all its callers share. */
    private static byte[] renamed(byte[] classFile) {
        var text = new String(classFile, StandardCharsets.ISO_8859_1);
        return text.replace("endRead", "endRxxd").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static final class Replacement implements ClassFileTransformer {
        private final byte[] bytes;

        Replacement(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public byte[] transform(
                ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] before) {
            return CHANNEL.equals(name) ? bytes : null;
        }
    }
}
