package io.socketreaper.testapp.torture;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Which socket a descriptor of this process is, by its inode. Needs {@link #OPENED} to be open to this program. */
final class Descriptor {
    /** What the JVM must be started with. */
    static final String[] OPENED = {
        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
        "--add-opens=java.base/java.net=ALL-UNNAMED",
        "--add-opens=java.base/java.io=ALL-UNNAMED"
    };

    private static final Path ALL = Path.of("/proc/self/fd");

    private Descriptor() {}

    /** The link of this socket's descriptor; empty if it has none. */
    static String of(Object socket) throws IOException {
        try {
            var descriptor = descriptor(socket);
            int number = descriptor instanceof io.netty.channel.unix.FileDescriptor
                    ? ((io.netty.channel.unix.FileDescriptor) descriptor).intValue()
                    : (int) field(FileDescriptor.class, "fd").get(descriptor);
            return number < 0
                    ? ""
                    : Files.readSymbolicLink(ALL.resolve(Integer.toString(number)))
                            .toString();
        } catch (NoSuchFileException e) {
            return "";
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object descriptor(Object socket) throws ReflectiveOperationException {
        if (socket instanceof Socket) {
            var layer = field(Socket.class, "impl").get(socket);
            // An outgoing one stands before the platform's, for SOCKS.
            for (var type = layer.getClass(); type != Object.class; ) {
                if (type.getSimpleName().equals("DelegatingSocketImpl")) {
                    layer = field(type, "delegate").get(layer);
                    type = layer.getClass();
                } else {
                    type = type.getSuperclass();
                }
            }
            return field(layer.getClass(), "fd").get(layer);
        }
        if (socket instanceof io.netty.channel.epoll.EpollSocketChannel) {
            return ((io.netty.channel.epoll.EpollSocketChannel) socket).fd();
        }
        if (socket instanceof io.netty.channel.socket.nio.NioSocketChannel) {
            var below = open(io.netty.channel.socket.nio.NioSocketChannel.class.getDeclaredMethod("javaChannel"))
                    .invoke(socket);
            return descriptor(below);
        }
        return field(socket.getClass(), "fd").get(socket);
    }

    /** Of the class or the nearest of its superclasses that has one. */
    private static Field field(Class<?> type, String name) throws NoSuchFieldException {
        for (Class<?> in = type; in != null; in = in.getSuperclass()) {
            for (var field : in.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    return open(field);
                }
            }
        }
        throw new NoSuchFieldException(type + "." + name);
    }

    private static <A extends AccessibleObject> A open(A member) {
        member.setAccessible(true);
        return member;
    }
}
