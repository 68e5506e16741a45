package io.socketreaper.stack;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.FieldVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/** Class files of the JDK that runs the tests, as they are and as another JDK might have them. */
public final class ClassFiles {
    private ClassFiles() {}

    public static byte[] ofJdk(String internalName) throws IOException {
        try (var in = Object.class.getModule().getResourceAsStream(internalName + ".class")) {
            return in.readAllBytes();
        }
    }

    /** The same class with its fields and methods declared under other names. */
    public static byte[] renamed(byte[] classFile, UnaryOperator<String> newName) {
        var reader = new ClassReader(classFile);
        var writer = new ClassWriter(reader, 0);
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public FieldVisitor visitField(
                            int access, String name, String descriptor, String signature, Object value) {
                        return super.visitField(access, newName.apply(name), descriptor, signature, value);
                    }

                    @Override
                    public MethodVisitor visitMethod(
                            int access, String name, String descriptor, String signature, String[] thrown) {
                        return super.visitMethod(access, newName.apply(name), descriptor, signature, thrown);
                    }
                },
                0);
        return writer.toByteArray();
    }

    /** How often a method calls each method of the hook: {@code "endRead(ZZ)V calls read" -> 1}. */
    public static Map<String, Integer> hookCalls(byte[] classFile) {
        Map<String, Integer> calls = new TreeMap<>();
        new ClassReader(classFile)
                .accept(
                        new ClassVisitor(Opcodes.ASM9) {
                            @Override
                            public MethodVisitor visitMethod(
                                    int access, String caller, String of, String signature, String[] thrown) {
                                return new MethodVisitor(Opcodes.ASM9) {
                                    @Override
                                    public void visitMethodInsn(
                                            int opcode,
                                            String owner,
                                            String name,
                                            String descriptor,
                                            boolean isInterface) {
                                        if (owner.equals("sun/nio/ch/SocketReaperHook")) {
                                            calls.merge(caller + of + " calls " + name, 1, Integer::sum);
                                        }
                                    }
                                };
                            }
                        },
                        0);
        return calls;
    }

    /** The methods of a class that call one of this name. */
    public static Set<String> callersOf(String called, byte[] classFile) {
        Set<String> callers = new TreeSet<>();
        new ClassReader(classFile)
                .accept(
                        new ClassVisitor(Opcodes.ASM9) {
                            @Override
                            public MethodVisitor visitMethod(
                                    int access, String caller, String of, String signature, String[] thrown) {
                                return new MethodVisitor(Opcodes.ASM9) {
                                    @Override
                                    public void visitMethodInsn(
                                            int opcode,
                                            String owner,
                                            String name,
                                            String descriptor,
                                            boolean isInterface) {
                                        if (name.equals(called)) {
                                            callers.add(caller + of);
                                        }
                                    }
                                };
                            }
                        },
                        0);
        return callers;
    }

    /** The opcodes of every method, in order. */
    public static Map<String, String> opcodes(byte[] classFile) {
        Map<String, String> all = new TreeMap<>();
        new ClassReader(classFile)
                .accept(
                        new ClassVisitor(Opcodes.ASM9) {
                            @Override
                            public MethodVisitor visitMethod(
                                    int access, String name, String descriptor, String signature, String[] thrown) {
                                return new OpcodeRecorder(opcodes -> all.put(name + descriptor, opcodes));
                            }
                        },
                        0);
        return all;
    }
}
