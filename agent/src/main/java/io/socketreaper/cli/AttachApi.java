package io.socketreaper.cli;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import com.sun.tools.attach.VirtualMachineDescriptor;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * The only class that names the JDK's attach API, which a small runtime image may not have; see {@link AttachCheck#hasModule}.
 * There even a call of a method that needs no class of it fails, because the verifier loads the exceptions that this class
 * catches.
 */
final class AttachApi {
    private static final String TIMEOUT = "sun.tools.attach.attachTimeout";

    private AttachApi() {}

    /** What a JVM was started with (main class or jar, and arguments), by pid. */
    static Map<Long, String> list() {
        var found = new HashMap<Long, String>();
        List<VirtualMachineDescriptor> all = VirtualMachine.list();
        for (var descriptor : all) {
            try {
                found.put(Long.valueOf(descriptor.id()), descriptor.displayName());
            } catch (NumberFormatException notOnThisMachine) {
                // no process of ours
            }
        }
        return found;
    }

    /** The system properties of a running JVM. May hang as long as that JVM does. */
    static Properties systemProperties(long pid, long timeoutMillis) throws IOException {
        if (System.getProperty(TIMEOUT) == null) {
            System.setProperty(TIMEOUT, Long.toString(timeoutMillis));
        }
        try {
            var machine = VirtualMachine.attach(Long.toString(pid));
            try {
                return machine.getSystemProperties();
            } finally {
                machine.detach();
            }
        } catch (AttachNotSupportedException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
