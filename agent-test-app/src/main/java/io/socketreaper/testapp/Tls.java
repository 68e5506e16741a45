package io.socketreaper.testapp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** TLS with a self-signed key of its own, made by the JDK's keytool and trusted by both ends. */
public final class Tls {
    private static final Path KEYTOOL = Path.of(System.getProperty("java.home"), "bin", "keytool");
    private static final String PASSWORD = "changeit";

    private Tls() {}

    /** Null, or why there is no TLS in this JVM. */
    public static String missingBecause() {
        return Files.isExecutable(KEYTOOL) ? null : "it has no " + KEYTOOL;
    }

    public static SSLContext context() throws IOException, GeneralSecurityException, InterruptedException {
        var directory = Files.createTempDirectory("tls");
        var store = directory.resolve("keys");
        try {
            makeKeys(store);
            return context(store);
        } finally {
            Files.deleteIfExists(store);
            Files.delete(directory);
        }
    }

    /** A key for a context of this JVM and of others. */
    public static void makeKeys(Path store) throws IOException, InterruptedException {
        var keytool = new ProcessBuilder(
                        KEYTOOL.toString(),
                        "-J-XX:TieredStopAtLevel=1",
                        "-J-XX:+UseSerialGC",
                        "-genkeypair",
                        "-alias",
                        "key",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        // An agent of this JVM is not meant for that one.
        keytool.environment().remove("JAVA_TOOL_OPTIONS");
        int exit = keytool.start().waitFor();
        if (exit != 0) {
            throw new IOException("keytool ended with " + exit);
        }
    }

    public static SSLContext context(Path store) throws IOException, GeneralSecurityException {
        return context(KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray()));
    }

    private static SSLContext context(KeyStore keys) throws GeneralSecurityException {
        var own = KeyManagerFactory.getInstance("PKIX");
        own.init(keys, PASSWORD.toCharArray());
        var trusted = TrustManagerFactory.getInstance("PKIX");
        trusted.init(keys);
        var context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }
}
