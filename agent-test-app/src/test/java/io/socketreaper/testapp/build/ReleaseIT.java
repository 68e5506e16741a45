package io.socketreaper.testapp.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code .ci/release} makes a release of a copy of this tree: its commits, its tag, and what a Maven repository would get. The second
 * build, with which {@code .ci/release} compares the bytes, is left out; here the jar is compared with the one that is tested.
 */
@Execution(ExecutionMode.SAME_THREAD) // one of them changes the tree for a moment
class ReleaseIT {
    private static final String SUMS = "SHA256SUMS";
    private static final String VERSION = "0.9.0";
    private static final String NEXT = "0.10.0-SNAPSHOT";
    private static final String GROUP = "io/socketreaper/";
    private static final List<String> OF_A_JAR =
            List.of(".pom", ".jar", "-sources.jar", "-javadoc.jar", "-cyclonedx.json", "-cyclonedx.xml");
    private static final List<String> POM_METADATA = List.of(
            "name",
            "description",
            "url",
            "licenses/license/name",
            "licenses/license/url",
            "developers/developer/name",
            "scm/connection",
            "scm/developerConnection",
            "scm/url");
    private static final Pattern LIBRARY =
            Pattern.compile("(?m)^ +([\\w.-]+:[\\w.-]+):jar:([\\w.-]+):(?:compile|runtime)\\b");
    private static final Duration BUILDING = Duration.ofMinutes(20);

    @TempDir
    private static Path directory;

    private static Path tree;
    private static LocalDate today;

    @BeforeAll
    static void release() throws IOException {
        assumeTrue(Jvm.feature() == 17, "a release is built with JDK 17");
        tree = Files.createDirectory(directory.resolve("tree"));
        new TreeCopy(Path.of("..").toAbsolutePath().normalize(), tree).copy();
        git("init", "-q", "-b", "main");
        git("config", "user.name", "Release Test");
        git("config", "user.email", "release@test.example");
        git("add", "-A");
        git("commit", "-q", "-m", "Everything");
        today = LocalDate.now(ZoneOffset.UTC);
        try (var script = script("--once", VERSION, "-Dspotless.check.skip", "-Dcheckstyle.skip")) {
            script.awaitEnd(BUILDING).expectExitCode(0).awaitOut("Now: git push origin main v" + VERSION);
        }
    }

    /** With Maven, its repository and its settings as the tests themselves were started; other tests go first. */
    private static ChildJvm script(String... arguments) {
        var command = new ArrayList<>(List.of("nice", "-n", "19", "bash", ".ci/release"));
        command.addAll(List.of(arguments));
        var settings = Path.of(System.getProperty("outer.maven.settings", ""));
        if (Files.isRegularFile(settings)) {
            command.addAll(List.of("-s", settings.toString()));
        }
        var builder = new ProcessBuilder(command).directory(tree.toFile());
        builder.environment().put("JAVA_HOME", ChildJvm.javaHome().toString());
        builder.environment().put("MAVEN_OPTS", "-Dmaven.repo.local=" + System.getProperty("outer.maven.repository"));
        builder.environment()
                .merge(
                        "PATH",
                        Path.of(System.getProperty("outer.maven.home"), "bin").toString(),
                        (path, maven) -> maven + File.pathSeparator + path);
        return new ChildJvm(builder);
    }

    private static String git(String... arguments) {
        var command = Stream.concat(Stream.of("git"), Arrays.stream(arguments)).toList();
        try (var git = new ChildJvm(new ProcessBuilder(command).directory(tree.toFile()))) {
            git.awaitEnd().expectExitCode(0);
            return String.join("\n", git.out());
        }
    }

    @Test
    void itCommitsTagsAndBeginsTheNextVersion() {
        assertEquals("Begin " + NEXT + "\nRelease " + VERSION + "\nEverything", git("log", "--format=%s", "main"));
        assertEquals(git("rev-parse", "main~1"), git("rev-parse", "v" + VERSION + "^{commit}"));
        assertEquals("", git("status", "--porcelain"));
        for (var pom : List.of("pom.xml", "agent/pom.xml", "agent/api/pom.xml", "agent-test-app/pom.xml")) {
            assertTrue(git("show", "v" + VERSION + ":" + pom).contains("<version>" + VERSION + "</version>"), pom);
            assertTrue(git("show", "main:" + pom).contains("<version>" + NEXT + "</version>"), pom);
        }
        assertTrue(git("show", "v" + VERSION + ":pom.xml")
                .contains("<project.build.outputTimestamp>" + today + "T00:00:00Z<"));
    }

    @Test
    void thePagesNameTheReleasedVersion() {
        for (var page : List.of("docs/testing.md", "docs/listener.md")) {
            for (var commit : List.of("v" + VERSION, "main")) {
                assertTrue(git("show", commit + ":" + page).contains("<version>" + VERSION + "</version>"), page);
            }
        }
        assertTrue(git("show", "v" + VERSION + ":docs/fleet.md").contains("/socket-reaper:" + VERSION + " "));
    }

    @Test
    void theChangelogIsDatedAndBeginsAnew() {
        var released = git("show", "v" + VERSION + ":CHANGELOG.md");
        assertTrue(released.contains("\n## " + VERSION + " - " + today + "\n"), released);
        assertTrue(!released.contains("## Unreleased"), released);
        var next = git("show", "main:CHANGELOG.md");
        assertTrue(next.contains("\n## Unreleased\n\n## " + VERSION + " - " + today + "\n"), next);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.9", "v0.9.0", "0.9.0-SNAPSHOT", "0.9.0"})
    void aVersionThatCannotBeIsRefused(String version) {
        try (var script = script(version)) {
            script.awaitEnd()
                    .expectExitCode(1)
                    .expectErr(1, version.equals(VERSION) ? "The tag v0.9.0 exists" : "Usage: ");
        }
    }

    @Test
    void changesThatAreNotCommittedAreRefused() throws IOException {
        var change = Files.createFile(tree.resolve("change"));
        try (var script = script("1.0.0")) {
            script.awaitEnd().expectExitCode(1).expectErr(1, "changes that are not committed");
        } finally {
            Files.delete(change);
        }
    }

    @Test
    void aChangelogWithoutNewsIsRefused() {
        try (var script = script("1.0.0")) {
            script.awaitEnd().expectExitCode(1).expectErr(1, "write what is new");
        }
    }

    @Test
    void everyFileThatIsAskedForIsStagedWithItsChecksums() throws Exception {
        var expected = new TreeSet<>(Set.of(file("socket-reaper-parent", ".pom")));
        for (var jar : List.of("socket-reaper", "socket-reaper-api")) {
            OF_A_JAR.forEach(end -> expected.add(file(jar, end)));
        }
        var found = new TreeSet<String>();
        try (var files = Files.walk(staging())) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var name = staging().relativize(file).toString();
                if (!name.endsWith(".md5") && !name.endsWith(".sha1") && !name.equals(SUMS)) {
                    found.add(name);
                    assertEquals(
                            digest("MD5", file),
                            Files.readString(Path.of(file + ".md5")).strip(),
                            name);
                    assertEquals(
                            digest("SHA-1", file),
                            Files.readString(Path.of(file + ".sha1")).strip(),
                            name);
                }
            }
        }
        assertEquals(expected, found);
    }

    /** In the form that {@code sha256sum -c} reads. */
    @Test
    void oneFileHasTheChecksumsOfAllFiles() throws Exception {
        var expected = new TreeSet<String>();
        try (var files = Files.walk(staging())) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var name = staging().relativize(file).toString();
                if (!name.endsWith(".md5") && !name.endsWith(".sha1") && !name.equals(SUMS)) {
                    expected.add(digest("SHA-256", file) + "  ./" + name);
                }
            }
        }
        assertEquals(expected, new TreeSet<>(Files.readAllLines(staging().resolve(SUMS))));
    }

    private static String digest(String algorithm, Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(Files.readAllBytes(file)));
    }

    @Test
    void thePomsSayWhatARepositoryAsksFor() throws Exception {
        for (var artifact : List.of("socket-reaper-parent", "socket-reaper", "socket-reaper-api")) {
            var pom = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(staging().resolve(file(artifact, ".pom")).toFile());
            var own = artifact.endsWith("-parent") ? POM_METADATA : List.of("name", "description", "parent/version");
            for (var element : own) {
                var text = XPathFactory.newInstance().newXPath().evaluate("/project/" + element, pom);
                assertTrue(
                        !text.isBlank() && !text.contains("SNAPSHOT"),
                        artifact + ": " + element + " is \"" + text + "\"");
            }
            var brought = XPathFactory.newInstance()
                    .newXPath()
                    .evaluate(
                            "count(/project/dependencies/dependency[not(optional='true') and (not(scope) or scope='compile' or scope='runtime')])",
                            pom);
            assertEquals("0", brought, artifact + " brings libraries along");
        }
    }

    @Test
    void sourcesAndJavadocAreThoseOfTheJars() throws IOException {
        for (var jar : List.of("socket-reaper", "socket-reaper-api")) {
            assertHolds(jar, "-sources.jar", "io/socketreaper/api/SocketReaper.java");
            assertHolds(jar, "-sources.jar", "io/socketreaper/junit/NoSocketLeaksExtension.java");
            assertHolds(jar, "-javadoc.jar", "io/socketreaper/api/SocketReaper.html");
            assertHolds(jar, "-javadoc.jar", "io/socketreaper/junit/NoSocketLeaks.html");
        }
        assertHolds("socket-reaper", "-sources.jar", "sun/nio/ch/SocketReaperHook.java");
        assertHolds("socket-reaper", "-sources.jar", "io/socketreaper/runtime/Assembly.java");
    }

    private static void assertHolds(String artifact, String end, String entry) throws IOException {
        try (var jar = new JarFile(staging().resolve(file(artifact, end)).toFile())) {
            assertTrue(jar.getEntry(entry) != null, artifact + end + " lacks " + entry);
        }
    }

    /** The bill of materials names the libraries that are inside the jar, with their licences. */
    @Test
    void theBillOfMaterialsNamesEveryLibrary() throws IOException {
        var libraries = new TreeSet<String>();
        LIBRARY.matcher(Files.readString(Jvm.AGENT.resolveSibling("libraries.txt")))
                .results()
                .forEach(library -> libraries.add(library.group(1) + ":" + library.group(2)));
        var named = new TreeSet<String>();
        var bill = JsonParser.parseString(Files.readString(staging().resolve(file("socket-reaper", "-cyclonedx.json"))))
                .getAsJsonObject();
        assertEquals("CycloneDX", bill.get("bomFormat").getAsString());
        for (var each : bill.getAsJsonArray("components")) {
            var component = each.getAsJsonObject();
            named.add(Stream.of("group", "name", "version")
                    .map(name -> component.get(name).getAsString())
                    .collect(Collectors.joining(":")));
            assertTrue(!component.getAsJsonArray("licenses").isEmpty(), component::toString);
        }
        assertEquals(libraries, named);
    }

    /** But for the version and the time: another directory, another run of Maven, the same entries in the same order. */
    @Test
    void theReleasedJarHoldsTheBytesOfTheTestedOne() throws IOException {
        var released = staging().resolve(file("socket-reaper", ".jar"));
        assertEquals(today.atStartOfDay(), built(released));
        var tested = entries(Jvm.AGENT);
        var found = entries(released);
        var other = new ArrayList<>(found);
        other.removeAll(tested);
        assertEquals(List.of(), other);
        assertEquals(tested, found);
    }

    private static LocalDateTime built(Path path) throws IOException {
        try (var jar = new JarFile(path.toFile())) {
            return jar.getJarEntry(JarFile.MANIFEST_NAME).getTimeLocal();
        }
    }

    /** Name, size, checksum, and the time unless it is that of the build: what comes from a library keeps its own. */
    private static List<String> entries(Path path) throws IOException {
        var built = built(path);
        try (var jar = new JarFile(path.toFile())) {
            return jar.stream()
                    .filter(entry -> !entry.getName().equals(JarFile.MANIFEST_NAME))
                    .map(entry -> entry.getName() + " of "
                            + (entry.getTimeLocal().equals(built) ? "the build" : entry.getTimeLocal()) + ", "
                            + entry.getSize() + " bytes, " + Long.toHexString(entry.getCrc()))
                    .toList();
        }
    }

    private static String file(String artifact, String end) {
        return GROUP + artifact + "/" + VERSION + "/" + artifact + "-" + VERSION + end;
    }

    private static Path staging() {
        return tree.resolve("target/staging");
    }
}
