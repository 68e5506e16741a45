package io.socketreaper.stack;

import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table of one stack: which classes are woven, and for each of them a {@link HookTable} of methods and hook calls. Asked on any
 * thread that loads a class, so it must not lock, log or initialise anything.
 */
public abstract class StackWeaving {
    // Apart, because most stacks have no class of an application, of which thousands are loaded.
    private final List<WovenClass> ofJdk = new ArrayList<>();
    private final List<WovenClass> ofApplication = new ArrayList<>();

    /** Adds a class of the JDK; only in the constructor. */
    protected final WovenClass ofJdk(String internalName) {
        return add(ofJdk, internalName);
    }

    /** Adds the classes of an application's loader whose internal names end like this; only in the constructor. */
    protected final WovenClass ofApplication(String endOfName) {
        return add(ofApplication, endOfName);
    }

    private static WovenClass add(List<WovenClass> classes, String name) {
        var woven = new WovenClass(name);
        classes.add(woven);
        return woven;
    }

    /**
     * Adds the rows of one class to its table.
     *
     * @param woven its row in the table of classes
     */
    protected abstract void describe(WovenClass woven, HookTable table);

    /** Whether a class is woven; asked about every class that is loaded. The loader is null for a class of the JDK. */
    public final boolean weaves(ClassLoader loader, String internalName) {
        return find(loader, internalName) != null;
    }

    /** The row of a class; null if it is not woven. */
    public final @Nullable WovenClass find(ClassLoader loader, String internalName) {
        List<WovenClass> classes = loader == null ? ofJdk : ofApplication;
        for (int i = 0; i < classes.size(); i++) {
            WovenClass woven = classes.get(i);
            if (loader == null ? internalName.equals(woven.name()) : internalName.endsWith(woven.name())) {
                return woven;
            }
        }
        return null;
    }

    /**
     * Returns the class with the calls in it; null if it is not woven.
     *
     * @throws UnknownInternalsException if the internals of the class are unknown
     */
    public final byte @Nullable [] weave(ClassLoader loader, String internalName, byte[] classFile)
            throws UnknownInternalsException {
        WovenClass woven = find(loader, internalName);
        return woven == null ? null : weave(woven, internalName, classFile);
    }

    final byte[] weave(WovenClass woven, String internalName, byte[] classFile) throws UnknownInternalsException {
        var table = new HookTable(internalName, classFile);
        describe(woven, table);
        return table.weave();
    }

    /** Called after a class was woven and before it is used. */
    protected void prepare(ClassLoader loader, ProtectionDomain domain, String internalName)
            throws ReflectiveOperationException {}
}
