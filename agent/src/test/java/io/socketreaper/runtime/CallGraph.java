package io.socketreaper.runtime;

import io.socketreaper.thread.ReaperThread;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import net.bytebuddy.jar.asm.AnnotationVisitor;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.FieldVisitor;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * Which methods of some classes call which, by their class files. A call of a method that is overridden may reach any of its
 * bodies; class initialisers are left out.
 */
final class CallGraph {
    private static final String OWNERS = "Lio/socketreaper/thread/";
    private static final String REAPER_THREAD = ReaperThread.class.getSimpleName();

    /**
     * @param calls members as {@code owner.name(descriptor)}, those that need no look at subclasses with a leading {@code =}
     * @param lambdas the bodies of the lambdas it makes, each with the interface that the lambda implements
     * @param fields the fields it reads or writes, as {@code owner.name}
     * @param locks whether it is synchronized or enters a monitor; a native or abstract one does neither
     */
    private record Body(
            Set<String> calls, Map<String, String> lambdas, Set<String> fields, boolean locks, boolean isPrivate) {}

    /** @param owners which thread owns which member, by an annotation; {@code ""} is the class itself */
    private record Type(String superName, Map<String, Body> bodies, Set<String> made, Map<String, String> owners) {
        void own(String member, String annotation) {
            if (annotation.startsWith(OWNERS)) {
                owners.put(member, annotation.substring(OWNERS.length(), annotation.length() - 1));
            }
        }

        boolean isOfReaperThread(String member) {
            return REAPER_THREAD.equals(owners.get(member));
        }

        boolean isMethodOfReaperThread(String method) {
            if (method.startsWith("<init>") || method.startsWith("lambda$") || method.startsWith("access$")) {
                return false;
            }
            return owners.containsKey(method) ? isOfReaperThread(method) : isOfReaperThread("");
        }
    }

    private final Map<String, Type> types = new HashMap<>();
    private final Map<String, Set<String>> subtypes = new HashMap<>();
    /** What a call of an interface of the JDK means here. */
    private final Map<String, Set<String>> bindings = new HashMap<>();

    private final Set<String> reached = new LinkedHashSet<>();
    /** What was reached, by what reached it. */
    private final Map<String, String> callers = new LinkedHashMap<>();

    private final Set<String> locking = new TreeSet<>();
    /** Methods and fields of the reaper thread that were reached. */
    private final Set<String> ofReaperThread = new TreeSet<>();

    private boolean stopsAtReaperThread;
    private final Set<String> leaving = new TreeSet<>();

    /** All classes that come from where this one does. */
    CallGraph addAllBeside(Class<?> type) {
        try {
            var root = Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
            try (var files = Files.walk(root)) {
                for (var file :
                        (Iterable<Path>) files.filter(each -> each.toString().endsWith(".class"))::iterator) {
                    try (var in = Files.newInputStream(file)) {
                        read(in);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        return this;
    }

    CallGraph add(Class<?> type) {
        try (var in = type.getClassLoader().getResourceAsStream(nameOf(type) + ".class")) {
            read(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** A call of this method of a JDK's interface reaches those of these classes. */
    CallGraph bind(String method, Class<?>... to) {
        for (var type : to) {
            bindings.computeIfAbsent(method, any -> new LinkedHashSet<>()).add(nameOf(type));
        }
        return this;
    }

    static String nameOf(Class<?> type) {
        return type.getName().replace('.', '/');
    }

    private void read(InputStream classFile) throws IOException {
        new ClassReader(classFile)
                .accept(
                        new ClassVisitor(Opcodes.ASM9) {
                            private Type type;

                            @Override
                            public void visit(
                                    int version,
                                    int access,
                                    String name,
                                    String signature,
                                    String superName,
                                    String[] interfaces) {
                                type = new Type(superName, new HashMap<>(), new TreeSet<>(), new HashMap<>());
                                types.put(name, type);
                                subtypes.computeIfAbsent(superName, any -> new LinkedHashSet<>())
                                        .add(name);
                                for (var each : interfaces) {
                                    subtypes.computeIfAbsent(each, any -> new LinkedHashSet<>())
                                            .add(name);
                                }
                            }

                            @Override
                            public AnnotationVisitor visitAnnotation(String annotation, boolean visible) {
                                type.own("", annotation);
                                return null;
                            }

                            @Override
                            public FieldVisitor visitField(
                                    int access, String name, String descriptor, String signature, Object value) {
                                return new FieldVisitor(Opcodes.ASM9) {
                                    @Override
                                    public AnnotationVisitor visitAnnotation(String annotation, boolean visible) {
                                        type.own(name, annotation);
                                        return null;
                                    }
                                };
                            }

                            @Override
                            public MethodVisitor visitMethod(
                                    int access, String name, String descriptor, String signature, String[] thrown) {
                                return new Instructions(type, access, name, descriptor);
                            }
                        },
                        ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    }

    private static final class Instructions extends MethodVisitor {
        private final Type type;
        private final int access;
        private final String method;
        private final Set<String> calls = new LinkedHashSet<>();
        private final Map<String, String> lambdas = new LinkedHashMap<>();
        private final Set<String> fields = new LinkedHashSet<>();
        private boolean locks;

        Instructions(Type type, int access, String name, String descriptor) {
            super(Opcodes.ASM9);
            this.type = type;
            this.access = access;
            this.method = name + descriptor;
            this.locks = (access & Opcodes.ACC_SYNCHRONIZED) != 0;
        }

        @Override
        public AnnotationVisitor visitAnnotation(String annotation, boolean visible) {
            type.own(method, annotation);
            return null;
        }

        @Override
        public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
            fields.add(owner + "." + name);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean ofInterface) {
            boolean exact = opcode == Opcodes.INVOKESTATIC || opcode == Opcodes.INVOKESPECIAL;
            calls.add((exact ? "=" : "") + owner + "." + name + descriptor);
        }

        @Override
        public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
            calls.add("=" + bootstrap.getOwner() + "." + bootstrap.getName() + bootstrap.getDesc());
            for (var argument : arguments) {
                if (argument instanceof Handle handle && handle.getDesc().startsWith("(")) {
                    lambdas.put(
                            handle.getOwner() + "." + handle.getName() + handle.getDesc(),
                            net.bytebuddy.jar.asm.Type.getReturnType(descriptor).getInternalName());
                }
            }
        }

        @Override
        public void visitTypeInsn(int opcode, String made) {
            if (opcode == Opcodes.NEW) {
                type.made().add(made);
            }
        }

        @Override
        public void visitInsn(int opcode) {
            locks |= opcode == Opcodes.MONITORENTER;
        }

        @Override
        public void visitEnd() {
            type.bodies().put(method, new Body(calls, lambdas, fields, locks, (access & Opcodes.ACC_PRIVATE) != 0));
        }
    }

    /** Goes on from all methods of this name. */
    CallGraph follow(String owner, String name) {
        return follow(owner, method -> method.startsWith(name + "("));
    }

    /** Goes on from all methods of this class that other classes may call. */
    CallGraph followAll(Class<?> owner) {
        return follow(
                nameOf(owner),
                method -> !types.get(nameOf(owner)).bodies().get(method).isPrivate());
    }

    private CallGraph follow(String owner, Predicate<String> begins) {
        var open = new ArrayDeque<String>();
        for (var method : types.get(owner).bodies().keySet()) {
            if (begins.test(method)) {
                reach(owner + "." + method, "", open);
            }
        }
        while (!open.isEmpty()) {
            var member = open.poll();
            var body = types.get(ownerOf(member)).bodies().get(methodOf(member));
            if (body.locks()) {
                locking.add(member);
            }
            if (types.get(ownerOf(member)).isMethodOfReaperThread(methodOf(member))) {
                ofReaperThread.add(member);
                if (stopsAtReaperThread) {
                    continue;
                }
            }
            body.fields().forEach(field -> use(field, member));
            body.calls().forEach(call -> call(call, member, open));
            body.lambdas().forEach((lambda, made) -> {
                if (!isQuestion(made)) {
                    call(lambda, member, open);
                }
            });
        }
        return this;
    }

    /** What is reached of the reaper thread's is noted and not followed any further. */
    CallGraph stopAtReaperThread() {
        stopsAtReaperThread = true;
        return this;
    }

    /** Whether a method of the interface is the reaper thread's: then a lambda of that type is run by that thread. */
    private boolean isQuestion(String made) {
        var type = types.get(made);
        return type != null && type.bodies().keySet().stream().anyMatch(type::isMethodOfReaperThread);
    }

    /** A constructor may write the fields of the object that it makes. */
    private void use(String field, String by) {
        var type = types.get(ownerOf(field));
        boolean own = by.startsWith(ownerOf(field) + ".<init>");
        if (type != null && !own && type.isOfReaperThread(methodOf(field))) {
            callers.putIfAbsent(field, by);
            ofReaperThread.add(field);
        }
    }

    private void reach(String member, String by, ArrayDeque<String> open) {
        if (callers.putIfAbsent(member, by) == null) {
            reached.add(ownerOf(member));
            open.add(member);
        }
    }

    private void call(String call, String by, ArrayDeque<String> open) {
        boolean exact = call.startsWith("=");
        var owner = ownerOf(exact ? call.substring(1) : call);
        var method = methodOf(call);
        var bound = bindings.getOrDefault(owner + "." + method.substring(0, method.indexOf('(')), Set.of());
        if (!types.containsKey(owner) && bound.isEmpty()) {
            leave(owner + "." + method, by);
            return;
        }
        if (bound.isEmpty()) {
            inherited(owner, method, by, open);
        }
        var below = new ArrayDeque<>(bound.isEmpty() ? Set.of(owner) : bound);
        while (!exact && !below.isEmpty()) {
            var type = below.poll();
            if (types.containsKey(type) && types.get(type).bodies().containsKey(method)) {
                reach(type + "." + method, by, open);
            }
            below.addAll(subtypes.getOrDefault(type, Set.of()));
        }
    }

    private void inherited(String owner, String method, String by, ArrayDeque<String> open) {
        var type = types.get(owner);
        if (type == null) {
            leave(owner + "." + method, by);
        } else if (type.bodies().containsKey(method)) {
            reach(owner + "." + method, by, open);
        } else {
            inherited(type.superName(), method, by, open);
        }
    }

    private void leave(String member, String by) {
        callers.putIfAbsent(member, by);
        leaving.add(member);
    }

    private static String ownerOf(String member) {
        return member.substring(0, member.indexOf('.'));
    }

    private static String methodOf(String member) {
        return member.substring(member.indexOf('.') + 1);
    }

    /** The methods reached that are synchronized or enter a monitor, each with the calls that lead there. */
    Set<String> locking() {
        return withCallers(locking);
    }

    /** The methods and fields reached that are the reaper thread's, each with the calls that lead there. */
    Set<String> ofReaperThread() {
        return withCallers(ofReaperThread);
    }

    /** Whether any member of the classes is the reaper thread's. */
    boolean knowsReaperThread() {
        return types.values().stream().anyMatch(type -> type.owners().containsValue(REAPER_THREAD));
    }

    /** The methods of other classes that are called, unless they are of these classes or have these names; with their callers. */
    Set<String> leavingBut(Set<String> allowed) {
        var others = new TreeSet<>(leaving);
        others.removeIf(member ->
                allowed.contains(ownerOf(member)) || allowed.contains(member.substring(0, member.indexOf('('))));
        return withCallers(others);
    }

    /** What the classes that were reached make, in any of their methods. */
    Set<String> made() {
        var made = new TreeSet<String>();
        reached.forEach(type -> made.addAll(types.get(type).made()));
        return made;
    }

    boolean hasReached(Class<?> owner, String name) {
        return callers.keySet().stream().anyMatch(member -> member.startsWith(nameOf(owner) + "." + name + "("));
    }

    private Set<String> withCallers(Set<String> members) {
        var said = new TreeSet<String>();
        for (var member : members) {
            var line = new StringBuilder(member);
            for (var by = callers.get(member); !by.isEmpty(); by = callers.get(by)) {
                line.append(" <- ").append(by, 0, by.indexOf('('));
            }
            said.add(line.toString());
        }
        return said;
    }
}
