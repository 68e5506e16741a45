package io.socketreaper.testapp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is inside the shaded jar: it ends up on the application's class path, so nothing in it may be found by accident. */
class AgentJarIT {
    private static final int JAVA_8 = 52;
    private static final int JAVA_17 = 61;
    private static final Pattern KNOWN = Pattern.compile("io/socketreaper/[\\w/$-]+\\.class"
            + "|io/socketreaper/html/\\w+\\.(css|js)"
            + "|io/socketreaper/shaded/(jetty|uplot)/.+"
            + "|META-INF/services/io\\.socketreaper\\.shaded\\.[\\w.]+"
            + "|sun/nio/ch/SocketReaperHook\\.class"
            + "|META-INF/(MANIFEST\\.MF|LICENSE.*|NOTICE.*|maven/io\\.socketreaper/socket-reaper/pom\\.(xml|properties))");
    private static final String SHADED = "io/socketreaper/shaded/";

    @Test
    void nothingLiesOutsideTheProductsOwnPackagesAndTheHook() throws IOException {
        assertEquals(List.of(), entries().stream().filter(entry -> !KNOWN.matcher(entry).matches()).toList());
        assertTrue(entries().contains("sun/nio/ch/SocketReaperHook.class"), "the hook is missing");
    }

    @Test
    void whatIsForeignIsShadedInAndNothingElse() throws IOException {
        var found = new TreeSet<String>();
        for (var entry : entries()) {
            if (entry.startsWith(SHADED)) {
                found.add(entry.substring(SHADED.length()).split("/")[0]);
            }
        }
        assertEquals(Set.of("bytebuddy", "gson", "j2html", "jetty", "picocli", "prometheus", "slf4j", "uplot"), found);
        assertEquals(List.of(), entries().stream().filter(entry -> entry.startsWith(SHADED + "bytebuddy/")
                && !entry.startsWith(SHADED + "bytebuddy/jar/asm/") && !entry.startsWith(SHADED + "bytebuddy/agent/")).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Agent", "CoreLoader"})
    void theEntryClassesLoadOnJava8(String name) throws IOException {
        assertEquals(JAVA_8, major("io/socketreaper/agent/" + name + ".class"));
    }

    @Test
    void theHookLoadsOnTheOldestSupportedJava() throws IOException {
        assertEquals(JAVA_17, major("sun/nio/ch/SocketReaperHook.class"));
    }

    private static int major(String entry) throws IOException {
        try (var jar = new JarFile(Jvm.AGENT.toFile());
                var in = new DataInputStream(jar.getInputStream(jar.getJarEntry(entry)))) {
            assertEquals(0xCAFEBABE, in.readInt());
            in.readUnsignedShort();
            return in.readUnsignedShort();
        }
    }

    private static List<String> entries() throws IOException {
        try (var jar = new JarFile(Jvm.AGENT.toFile())) {
            return jar.stream().filter(entry -> !entry.isDirectory()).map(entry -> entry.getName()).toList();
        }
    }
}
