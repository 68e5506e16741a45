package io.socketreaper.testapp.start;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.testapp.harness.Jvm;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import javax.xml.xpath.XPathNodes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is inside the shaded jar: it ends up on the application's class path, so nothing in it may be found by accident. */
class AgentJarIT {
    /** A user copies it into images and containers. */
    private static final long LARGEST = 6_000_000;

    private static final int JAVA_8 = 52;
    private static final int JAVA_17 = 61;
    private static final Pattern KNOWN = Pattern.compile(
            "io/socketreaper/[\\w/$-]+\\.class"
                    + "|io/socketreaper/html/\\w+\\.(css|js)"
                    + "|io/socketreaper/shaded/(jetty|uplot)/.+"
                    + "|META-INF/services/io\\.socketreaper\\.shaded\\.[\\w.]+"
                    + "|sun/nio/ch/SocketReaperHook\\.class"
                    + "|META-INF/(MANIFEST\\.MF|LICENSE|NOTICE|licenses/\\w+/(LICENSE|NOTICE)|maven/io\\.socketreaper/socket-reaper/pom\\.(xml|properties))");
    private static final String SHADED = "io/socketreaper/shaded/";
    private static final String LICENSES = "META-INF/licenses/";
    /** Of NOTICE: directory, group of the library, first word of the licence. */
    private static final Pattern NOTICE_ROW = Pattern.compile("(?m)^    (\\w+) +.*\\(([\\w.]+)\\) +([\\w.-]+)");
    /** Of the list that Maven has written: group, artifact. */
    private static final Pattern LIBRARY = Pattern.compile("(?m)^ +([\\w.-]+):[\\w.-]+:jar:.*:(?:compile|runtime)\\b");
    /** Words that only this licence has. */
    private static final Map<String, String> LICENSE_TEXTS = Map.of(
            "Apache-2.0", "Apache License\n",
            "BSD-3-Clause", "Neither the name of the copyright holders",
            "MIT", "Permission is hereby granted, free");

    @Test
    void nothingLiesOutsideTheProductsOwnPackagesAndTheHook() throws IOException {
        assertEquals(
                List.of(),
                entries().stream()
                        .filter(entry -> !KNOWN.matcher(entry).matches())
                        .toList());
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
        assertEquals(
                Set.of(
                        "bytebuddy",
                        "gson",
                        "j2html",
                        "jetty",
                        "kotlin",
                        "okio",
                        "picocli",
                        "prometheus",
                        "shark",
                        "slf4j",
                        "uplot"),
                found);
        assertEquals(
                List.of(),
                entries().stream()
                        .filter(entry -> entry.startsWith(SHADED + "bytebuddy/")
                                && !entry.startsWith(SHADED + "bytebuddy/jar/asm/")
                                && !entry.startsWith(SHADED + "bytebuddy/agent/"))
                        .toList());
    }

    /** The project's own licence and notice are those of the jar. */
    @Test
    void theJarsLicenceAndNoticeAreTheProjects() throws IOException {
        for (var name : List.of("LICENSE", "NOTICE")) {
            assertEquals(Files.readString(Path.of("..", name)), text("META-INF/" + name), name);
        }
    }

    @Test
    void everyLibraryInTheJarHasItsLicenceThere() throws IOException {
        var inside = new TreeSet<String>();
        for (var entry : entries()) {
            if (entry.startsWith(SHADED + "bytebuddy/jar/asm/")) {
                inside.add("asm");
            } else if (entry.startsWith(SHADED)) {
                inside.add(entry.substring(SHADED.length()).split("/")[0]);
            }
        }
        var licensed = new TreeSet<String>();
        for (var entry : entries()) {
            if (entry.startsWith(LICENSES) && entry.endsWith("/LICENSE")) {
                licensed.add(entry.substring(LICENSES.length()).split("/")[0]);
            }
        }
        assertEquals(inside, licensed);
    }

    @Test
    void theNoticeNamesEveryLibraryOfTheBuildAndItsLicence() throws IOException {
        var groups = new TreeSet<String>();
        LIBRARY.matcher(Files.readString(Jvm.AGENT.resolveSibling("libraries.txt")))
                .results()
                .forEach(library -> groups.add(library.group(1)));
        var directories = new TreeSet<String>();
        var named = new TreeSet<String>();
        for (var row : NOTICE_ROW.matcher(text("META-INF/NOTICE")).results().toList()) {
            directories.add(row.group(1));
            named.add(row.group(2));
            String license = text(LICENSES + row.group(1) + "/LICENSE");
            assertTrue(license.contains(LICENSE_TEXTS.get(row.group(3))), () -> row.group() + "\n" + license);
        }
        assertEquals(groups, named);
        entries().stream()
                .filter(entry -> entry.startsWith(LICENSES))
                .forEach(entry -> assertTrue(
                        directories.contains(entry.substring(LICENSES.length()).split("/")[0]), entry));
    }

    @Test
    void itIsSmallerThanSixMegabytes() throws IOException {
        long size = Files.size(Jvm.AGENT);
        assertTrue(size < LARGEST, () -> size + " bytes");
    }

    /** What is installed and deployed with the jar. */
    @Test
    void whoDependsOnTheJarGetsNothingElse() throws Exception {
        var pom = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(Jvm.AGENT.resolveSibling("dependency-reduced-pom.xml").toFile());
        var scopes = XPathFactory.newInstance()
                .newXPath()
                .evaluateExpression("/project/dependencies/dependency/scope", pom, XPathNodes.class);
        var dependencies = XPathFactory.newInstance()
                .newXPath()
                .evaluateExpression("count(/project/dependencies/dependency)", pom, Integer.class);
        var found = new TreeSet<String>();
        scopes.forEach(scope -> found.add(scope.getTextContent()));
        assertEquals(Set.of("provided", "test"), found);
        assertEquals(scopes.size(), dependencies, "dependencies with a scope");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Agent", "CoreLoader"})
    void theEntryClassesLoadOnJava8(String name) throws IOException {
        assertEquals(JAVA_8, major("io/socketreaper/bootstrap/" + name + ".class"));
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

    private static String text(String entry) throws IOException {
        try (var jar = new JarFile(Jvm.AGENT.toFile())) {
            var found = jar.getJarEntry(entry);
            assertNotNull(found, entry + " is missing");
            return new String(jar.getInputStream(found).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<String> entries() throws IOException {
        try (var jar = new JarFile(Jvm.AGENT.toFile())) {
            return jar.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(entry -> entry.getName())
                    .toList();
        }
    }
}
