package io.socketreaper.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.Judge;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.commons.ClassRemapper;
import net.bytebuddy.jar.asm.commons.Remapper;
import org.junit.jupiter.api.Test;

/**
 * The table of rooms in docs/architecture.md is the picture of the packages: each package has a row, each row names all packages and
 * libraries that the class files of its package refer to, and no others.
 */
class RoomsTest {
    private static final String OURS = "io/socketreaper/";
    private static final String HOOK = "sun/nio/ch/SocketReaperHook";
    /** Libraries and optional modules of the JDK, by how the names of their classes begin. */
    private static final Map<String, String> LIBRARIES = Map.ofEntries(
            Map.entry("net/bytebuddy/jar/asm/", "ASM"),
            Map.entry("net/bytebuddy/agent/", "Byte Buddy Agent"),
            Map.entry("org/slf4j/", "SLF4J"),
            Map.entry("picocli/", "picocli"),
            Map.entry("com/google/gson/", "Gson"),
            Map.entry("org/eclipse/jetty/", "Jetty"),
            Map.entry("io/prometheus/", "Prometheus client"),
            Map.entry("j2html/", "j2html"),
            Map.entry("shark/", "Shark"),
            Map.entry("kotlin/", "Kotlin"),
            Map.entry("org/junit/", "JUnit"),
            Map.entry("com/sun/tools/attach/", "jdk.attach"),
            Map.entry("jdk/jfr/", "jdk.jfr"),
            Map.entry("java/lang/management/", "java.management"),
            Map.entry("javax/management/", "java.management"),
            Map.entry("com/sun/management/", "java.management"),
            Map.entry("java/lang/instrument/", "java.instrument"));

    /** Tag of a class in a constant pool. */
    private static final int CLASS_ENTRY = 7;

    private static final Pattern ROW = Pattern.compile("\\| `([a-z.]+)` \\| (.+?) \\| (.*?) \\| (.*?) \\|");
    private static final Pattern NAME = Pattern.compile("`([a-z.]+)`");

    private record Row(Set<String> rooms, Set<String> libraries) {}

    /** What a package refers to, each with one class that does. */
    private static final class Use {
        private final Map<String, String> rooms = new TreeMap<>();
        private final Map<String, String> libraries = new TreeMap<>();
    }

    private final Map<String, Row> table = table();
    private final Map<String, Use> used = used();

    @Test
    void eachPackageHasARowAndEachRowAPackage() {
        assertEquals(new TreeSet<>(used.keySet()), new TreeSet<>(table.keySet()));
    }

    @Test
    void aPackageUsesWhatItsRowNamesAndNothingElse() {
        var wrong = new ArrayList<String>();
        used.forEach((room, use) -> {
            var row = table.getOrDefault(room, new Row(Set.of(), Set.of()));
            compare(room, use.rooms, row.rooms, wrong);
            compare(room, use.libraries, row.libraries, wrong);
        });
        assertTrue(wrong.isEmpty(), () -> "docs/architecture.md, table of the rooms:\n" + String.join("\n", wrong));
    }

    @Test
    void noPackageUsesItselfByWayOfOthers() {
        var over = new LinkedHashSet<String>();
        used.keySet().forEach(room -> walk(room, new ArrayList<>(), over));
    }

    @Test
    void theEntryClassesReferToNoOtherPackage() {
        assertEquals(Map.of(), used.get("bootstrap").rooms);
    }

    private static void compare(String room, Map<String, String> uses, Set<String> named, List<String> wrong) {
        uses.forEach((each, by) -> {
            if (!named.contains(each)) {
                wrong.add("`" + room + "` uses `" + each + "`, which its row does not name: " + by);
            }
        });
        named.forEach(each -> {
            if (!uses.containsKey(each)) {
                wrong.add("the row of `" + room + "` names `" + each + "`, which no class of it uses");
            }
        });
    }

    /** Depth first; a room that is met again on its own path closes a cycle. */
    private void walk(String room, List<String> path, Set<String> over) {
        assertTrue(
                !path.contains(room),
                () -> "a cycle: " + String.join(" -> ", path.subList(path.indexOf(room), path.size())) + " -> " + room);
        if (!over.contains(room)) {
            path.add(room);
            used.get(room).rooms.keySet().forEach(each -> walk(each, path, over));
            path.remove(path.size() - 1);
            over.add(room);
        }
    }

    private static Map<String, Row> table() {
        var rows = new TreeMap<String, Row>();
        try {
            String text = Files.readString(GeneratedPart.file("architecture.md"));
            int from = text.indexOf("| room | what it does |");
            assertTrue(from >= 0, "docs/architecture.md has lost the table of the rooms");
            for (String line : text.substring(from, text.indexOf("\n\n", from)).split("\n")) {
                var row = ROW.matcher(line);
                if (row.matches()) {
                    var rooms = new TreeSet<String>();
                    NAME.matcher(row.group(3)).results().forEach(name -> rooms.add(name.group(1)));
                    var libraries = new TreeSet<String>();
                    if (!row.group(4).isBlank()) {
                        libraries.addAll(List.of(row.group(4).trim().split(", ")));
                    }
                    rows.put(row.group(1), new Row(rooms, libraries));
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return rows;
    }

    private static Map<String, Use> used() {
        var uses = new TreeMap<String, Use>();
        try {
            var root = Path.of(Judge.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            try (var files = Files.walk(root)) {
                for (var file :
                        (Iterable<Path>) files.filter(each -> each.toString().endsWith(".class"))::iterator) {
                    var reader = new ClassReader(Files.readAllBytes(file));
                    String room = roomOf(reader.getClassName());
                    if (room != null) {
                        collect(reader, room, uses.computeIfAbsent(room, any -> new Use()));
                    }
                }
            }
        } catch (IOException | URISyntaxException e) {
            throw new AssertionError(e);
        }
        return uses;
    }

    /** The remapper is called with every class name in the class file, those in signatures and annotations included. */
    private static void collect(ClassReader reader, String room, Use use) {
        var names = new Remapper() {
            @Override
            public String map(String name) {
                String other = roomOf(name);
                if (other != null && !other.equals(room)) {
                    use.rooms.putIfAbsent(other, reader.getClassName() + " -> " + name);
                }
                LIBRARIES.forEach((begin, library) -> {
                    if (name.startsWith(begin)) {
                        use.libraries.putIfAbsent(library, reader.getClassName() + " -> " + name);
                    }
                });
                return name;
            }
        };
        reader.accept(new ClassRemapper(new ClassWriter(0), names), 0);
        // Of an inlined constant the compiler leaves only this trace.
        var buffer = new char[reader.getMaxStringLength()];
        for (int i = 1; i < reader.getItemCount(); i++) {
            int item = reader.getItem(i);
            if (item > 0 && reader.readByte(item - 1) == CLASS_ENTRY) {
                names.map(reader.readUTF8(item, buffer));
            }
        }
    }

    private static String roomOf(String name) {
        if (name.equals(HOOK) || name.startsWith(HOOK + "$")) {
            return "hook";
        }
        return name.startsWith(OURS)
                ? name.substring(OURS.length(), Math.max(OURS.length(), name.lastIndexOf('/')))
                        .replace('/', '.')
                : null;
    }
}
