package io.socketreaper.log;

import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.tools.ToolProvider;

/** An application's SLF4J in a class loader of its own, as much of it as the agent uses. */
final class ImaginarySlf4j {
    private static final Map<String, String> SOURCES = Map.of("LoggerFactory", """
            package org.slf4j;
            public final class LoggerFactory {
                static volatile int INITIALIZATION_STATE = 3;
                public static final java.util.List<String> LOGGED = new java.util.concurrent.CopyOnWriteArrayList<>();
                public static volatile boolean breaks;
                public static Logger getLogger(String name) {
                    return (Logger) java.lang.reflect.Proxy.newProxyInstance(LoggerFactory.class.getClassLoader(),
                            new Class<?>[] {Logger.class}, new Entering(name));
                }
                static final class Entering implements java.lang.reflect.InvocationHandler {
                    private final String name;
                    Entering(String name) {
                        this.name = name;
                    }
                    public Object invoke(Object proxy, java.lang.reflect.Method method, Object[] arguments) {
                        if (breaks) {
                            throw new IllegalStateException("no appender");
                        }
                        if (Thread.currentThread().getContextClassLoader() != LoggerFactory.class.getClassLoader()) {
                            throw new AssertionError("context class loader");
                        }
                        LOGGED.add(name + " " + method.getName() + " " + arguments[0]);
                        return null;
                    }
                }
            }
            """, "Logger", """
            package org.slf4j;
            public interface Logger {
                void info(String message, Throwable thrown);
                void warn(String message, Throwable thrown);
                void error(String message, Throwable thrown);
            }
            """);
    private static final Path CLASSES = compiled();

    private final Class<?> factory;

    ImaginarySlf4j() throws ClassNotFoundException {
        this(new Loader().loadClass("org.slf4j.LoggerFactory"));
    }

    ImaginarySlf4j(Class<?> factory) {
        this.factory = factory;
    }

    Class<?> factory() {
        return factory;
    }

    /** As the application's first call does. */
    void initialise() throws ReflectiveOperationException {
        factory.getMethod("getLogger", String.class).invoke(null, "application");
    }

    boolean isInitialised() throws ReflectiveOperationException {
        return io.socketreaper.descriptor.JdkClasses.isInitialised(factory);
    }

    void state(int state) throws ReflectiveOperationException {
        Field field = factory.getDeclaredField("INITIALIZATION_STATE");
        field.setAccessible(true);
        field.setInt(null, state);
    }

    void breaks() throws ReflectiveOperationException {
        factory.getField("breaks").setBoolean(null, true);
    }

    @SuppressWarnings("unchecked")
    List<String> logged() throws ReflectiveOperationException {
        return (List<String>) factory.getField("LOGGED").get(null);
    }

    private static Path compiled() {
        try {
            var directory = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "slf4j");
            for (var source : SOURCES.entrySet()) {
                Files.writeString(directory.resolve(source.getKey() + ".java"), source.getValue());
            }
            int status = ToolProvider.getSystemJavaCompiler()
                    .run(
                            null,
                            null,
                            null,
                            "-d",
                            directory.toString(),
                            "-cp",
                            directory.toString(),
                            directory.resolve("LoggerFactory.java").toString(),
                            directory.resolve("Logger.java").toString());
            if (status != 0) {
                throw new AssertionError("javac: " + status);
            }
            return directory;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static final class Loader extends ClassLoader {
        Loader() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            try {
                byte[] bytes = Files.readAllBytes(CLASSES.resolve(name.replace('.', '/') + ".class"));
                return defineClass(name, bytes, 0, bytes.length);
            } catch (java.io.IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
