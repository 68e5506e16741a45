package io.socketreaper.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the pages refer to exists: classes and methods, test classes, files, other pages and their headings. */
class ReferencesTest {
    /** Such as {@code `stack/nio/NioSocket.NioClaim.close`}. */
    private static final Pattern CODE =
            Pattern.compile("`((?:[a-z]+/)+)([A-Z]\\w*(?:\\.[A-Z]\\w*)*)(?:\\.([a-z]\\w*))?`");

    private static final Pattern TEST = Pattern.compile("(?:`|-D(?:it\\.)?test='?)([A-Z]\\w*[a-z](?:Test|IT))\\b");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```$");
    private static final Pattern SOURCE_PATH =
            Pattern.compile("`((?:agent|agent-test-app|docs)/[\\w./-]+|pom\\.xml|\\.ci/\\w+)`");

    @Test
    void classesAndMethodsExist() throws IOException {
        var missing = new ArrayList<String>();
        for (var page : pages()) {
            var code = CODE.matcher(Files.readString(page));
            while (code.find()) {
                if (Files.exists(root().resolve(code.group(1) + code.group(2)))) {
                    // a file such as agent/Dockerfile
                    continue;
                }
                String name = "io.socketreaper." + code.group(1).replace('/', '.')
                        + code.group(2).replace('.', '$');
                try {
                    var type = Class.forName(name, false, getClass().getClassLoader());
                    if (code.group(3) != null && !declares(type, code.group(3), new HashSet<>())) {
                        missing.add(page + ": " + code.group());
                    }
                } catch (ClassNotFoundException e) {
                    missing.add(page + ": " + code.group());
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    private static boolean declares(Class<?> type, String method, Set<Class<?>> seen) {
        if (type == null || !seen.add(type)) {
            return false;
        }
        return Arrays.stream(type.getDeclaredMethods())
                        .anyMatch(each -> each.getName().equals(method))
                || declares(type.getSuperclass(), method, seen)
                || Arrays.stream(type.getInterfaces()).anyMatch(each -> declares(each, method, seen));
    }

    @Test
    void testClassesExist() throws IOException {
        var tests = new HashSet<String>();
        // Not beside the sources, where other tests' files come and go.
        for (var sources : List.of("agent/src", "agent-test-app/src")) {
            try (var files = Files.walk(root().resolve(sources))) {
                files.map(file -> file.getFileName().toString())
                        .filter(name -> name.endsWith("Test.java") || name.endsWith("IT.java"))
                        .map(name -> name.replace(".java", ""))
                        .forEach(tests::add);
            }
        }
        var missing = new TreeSet<String>();
        for (var page : pages()) {
            var test = TEST.matcher(Files.readString(page));
            while (test.find()) {
                if (!tests.contains(test.group(1))) {
                    missing.add(page + ": " + test.group(1));
                }
            }
        }
        assertEquals(Set.of(), missing);
    }

    @Test
    void sourcePathsExist() throws IOException {
        var missing = new TreeSet<String>();
        for (var page : pages()) {
            var path = SOURCE_PATH.matcher(Files.readString(page));
            while (path.find()) {
                if (!path.group(1).contains("/target/") && !Files.exists(root().resolve(path.group(1)))) {
                    missing.add(page + ": " + path.group(1));
                }
            }
        }
        assertEquals(Set.of(), missing);
    }

    @Test
    void linksLeadToAPageAndAHeading() throws IOException {
        var broken = new TreeSet<String>();
        for (var page : pages()) {
            var link = LINK.matcher(FENCED.matcher(Files.readString(page)).replaceAll(""));
            while (link.find()) {
                if (!link.group(1).contains("://") && !leads(page, link.group(1))) {
                    broken.add(page + ": " + link.group(1));
                }
            }
        }
        assertEquals(Set.of(), broken);
    }

    /** Whether a link on a page leads to a file, and to a heading of it. */
    static boolean leads(Path page, String link) throws IOException {
        int anchor = link.indexOf('#');
        String file = anchor < 0 ? link : link.substring(0, anchor);
        var target = file.isEmpty() ? page : page.resolveSibling(file).normalize();
        if (!Files.exists(target)) {
            return false;
        }
        return anchor < 0 || headings(target).contains(link.substring(anchor + 1));
    }

    /** As GitHub names them. */
    private static Set<String> headings(Path page) throws IOException {
        return HEADING.matcher(FENCED.matcher(Files.readString(page)).replaceAll(""))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w\\- ]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    private static List<Path> pages() throws IOException {
        var pages = new ArrayList<Path>();
        for (var folder : List.of(root(), root().resolve("docs"), root().resolve("docs/decisions"))) {
            try (var files = Files.list(folder)) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
            }
        }
        assertTrue(pages.size() > 20, pages::toString);
        return pages;
    }

    /** The project's directory. */
    static Path root() {
        return GeneratedPart.file("architecture.md")
                .toAbsolutePath()
                .normalize()
                .getParent()
                .getParent();
    }
}
