package io.socketreaper.owner;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/** Finds members of classes by name. */
final class Members {
    private Members() {}

    /** The class, superclass or interface of an object whose name ends so; null if there is none. */
    static @Nullable Class<?> typeOf(Object object, String end) {
        return object == null ? null : type(object.getClass(), end);
    }

    private static Class<?> type(Class<?> type, String end) {
        if (type == null || type.getName().endsWith(end)) {
            return type;
        }
        for (Class<?> above : type.getInterfaces()) {
            Class<?> found = type(above, end);
            if (found != null) {
                return found;
            }
        }
        return type(type.getSuperclass(), end);
    }

    /** Like {@link #typeOf}, where there must be one. */
    static Class<?> knownTypeOf(Object object, String end) throws ClassNotFoundException {
        Class<?> type = typeOf(object, end);
        if (type == null) {
            throw new ClassNotFoundException(end);
        }
        return type;
    }

    /** A method that the type itself or a class above it declares, public or not. */
    static Method method(Class<?> type, String name, Class<?>... parameters) throws NoSuchMethodException {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            try {
                Method method = c.getDeclaredMethod(name, parameters);
                method.setAccessible(true);
                return method;
            } catch (NoSuchMethodException lookAbove) {
                // in the superclass
            }
        }
        throw new NoSuchMethodException(type.getName() + "." + name);
    }

    /** The value of a field that the type itself or a class above it declares. */
    static Object field(Object object, Class<?> type, String name) throws ReflectiveOperationException {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            try {
                Field field = c.getDeclaredField(name);
                field.setAccessible(true);
                return field.get(object);
            } catch (NoSuchFieldException lookAbove) {
                // in the superclass
            }
        }
        throw new NoSuchFieldException(type.getName() + "." + name);
    }
}
