package io.socketreaper.stack;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.FieldVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one class that is being loaded: the members it must have, and which hook calls are put into which methods. How many
 * members must be there is counted from the rows. Every method that adds a row returns this.
 */
public final class HookTable {
    private final String className;
    private final ClassReader reader;
    private final List<Row> rows = new ArrayList<>();
    /** Names of methods, and fields as name and descriptor; null before they are asked for. */
    private @Nullable Set<String> members;

    /** One member, or several of which one must be there. */
    private static final class Row {
        private final String[] members;
        private final boolean required;
        private final @Nullable HookCall call;
        private boolean found;

        Row(boolean required, @Nullable HookCall call, String... members) {
            this.members = members;
            this.required = required;
            this.call = call;
        }

        boolean matches(String member) {
            for (String pattern : members) {
                if (matches(pattern, member)) {
                    return true;
                }
            }
            return false;
        }

        private static boolean matches(String pattern, String member) {
            int star = pattern.indexOf('*');
            return star < 0
                    ? member.equals(pattern)
                    : member.length() >= pattern.length() - 1
                            && member.startsWith(pattern.substring(0, star))
                            && member.endsWith(pattern.substring(star + 1));
        }
    }

    HookTable(String className, byte[] classFile) {
        this.className = className;
        this.reader = new ClassReader(classFile);
    }

    /** The internal name of the class. */
    public String className() {
        return className;
    }

    /** A field that the class must have and that is not static. */
    public HookTable field(String name, String descriptor) {
        rows.add(new Row(true, null, fieldOf(name, descriptor)));
        return this;
    }

    /** A blank keeps it from being taken for a method. */
    private static String fieldOf(String name, String descriptor) {
        return name + " " + descriptor;
    }

    /**
     * A method that the class must have, and what is put into it.
     *
     * @param method name and descriptor; a {@code *} stands for any text
     */
    public HookTable method(String method, HookCall call) {
        return anyMethod(call, method);
    }

    /** Methods of which the class must have at least one; the call is put into each that exists. */
    public HookTable anyMethod(HookCall call, String... methods) {
        rows.add(new Row(true, call, methods));
        return this;
    }

    /** A method that another version may lack; the class is woven without it. */
    public HookTable methodIfThere(String method, HookCall call) {
        rows.add(new Row(false, call, method));
        return this;
    }

    public boolean hasMethod(String name) {
        return members().contains(name);
    }

    /** Whether the class has this field, and it is not static. */
    public boolean hasField(String name, String descriptor) {
        return members().contains(fieldOf(name, descriptor));
    }

    private Set<String> members() {
        if (members == null) {
            members = new HashSet<>();
            reader.accept(
                    new Members(members), ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        }
        return members;
    }

    private static final class Members extends ClassVisitor {
        private final Set<String> found;

        Members(Set<String> found) {
            super(Opcodes.ASM9);
            this.found = found;
        }

        @Override
        public @Nullable FieldVisitor visitField(
                int access, String name, String descriptor, String signature, Object value) {
            if ((access & Opcodes.ACC_STATIC) == 0) {
                found.add(fieldOf(name, descriptor));
            }
            return null;
        }

        @Override
        public @Nullable MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] e) {
            found.add(name);
            return null;
        }
    }

    byte[] weave() throws UnknownInternalsException {
        var writer = new ClassWriter(reader, 0);
        reader.accept(new Woven(writer), 0);
        int required = 0;
        int found = 0;
        for (Row row : rows) {
            required += row.required ? 1 : 0;
            found += row.required && row.found ? 1 : 0;
        }
        if (found < required) {
            throw new UnknownInternalsException("of " + className.replace('/', '.') + " only " + found + " of "
                    + required + " known members were found");
        }
        return writer.toByteArray();
    }

    private final class Woven extends ClassVisitor {
        Woven(ClassWriter writer) {
            super(Opcodes.ASM9, writer);
        }

        @Override
        public FieldVisitor visitField(int access, String name, String descriptor, String signature, Object value) {
            if ((access & Opcodes.ACC_STATIC) == 0) {
                String field = fieldOf(name, descriptor);
                for (Row row : rows) {
                    row.found |= row.matches(field);
                }
            }
            return super.visitField(access, name, descriptor, signature, value);
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String descriptor, String signature, String[] e) {
            MethodVisitor method = super.visitMethod(access, name, descriptor, signature, e);
            String member = name + descriptor;
            for (Row row : rows) {
                if (row.matches(member)) {
                    row.found = true;
                    method = Objects.requireNonNull(row.call).into(method, className, access, descriptor);
                }
            }
            return method;
        }
    }
}
