package io.socketreaper.bridge;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/**
 * Records as maps of their components. The program and the agent each have their own copy of a record's class, in loaders that cannot see
 * each other, so a map of JDK types travels between them. Records and their components must be public. Any thread.
 */
public final class RecordMap {
    private RecordMap() {}

    /** The components by name; unmodifiable. */
    public static Map<String, Object> of(Record record) {
        var map = new HashMap<String, Object>();
        try {
            for (RecordComponent component : record.getClass().getRecordComponents()) {
                map.put(component.getName(), component.getAccessor().invoke(record));
            }
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
        return Collections.unmodifiableMap(map);
    }

    /**
     * The record of these components. A map of another version may have more.
     *
     * @throws IllegalArgumentException if one is missing that cannot be null, or has another type
     */
    public static <R extends Record> R to(Class<R> type, Map<?, ?> map) {
        RecordComponent[] components = type.getRecordComponents();
        var types = new Class<?>[components.length];
        var values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = map.get(components[i].getName());
        }
        try {
            return type.getConstructor(types).newInstance(values);
        } catch (InvocationTargetException refused) {
            throw new IllegalArgumentException(refused.getCause());
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
