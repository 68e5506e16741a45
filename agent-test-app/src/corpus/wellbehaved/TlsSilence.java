import io.socketreaper.testapp.corpus.CorpusRun;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardVirtualThreadExecutor;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/**
 * TLS: Tomcat 11.0.27 (SSLEngine over NIO; virtual threads on JDK 21 and newer) with OkHttp 5.5.1 (SSLSocket) and
 * java.net.http.HttpClient (SSLEngine over NIO) as clients.
 *
 * <p>Every client has bodies echoed over one connection, which then is silent for longer than the agent's timeout and is used
 * again. Session tickets of TLS 1.3 may lie unread meanwhile, and at the end each side leaves a close_notify that nobody reads.
 */
public class TlsSilence {
    private static final int SILENCE = 3500;

    /** A client with one connection. */
    private interface Client {
        byte[] echo(byte[] body) throws Exception;
    }

    public static void main(String[] arguments) {
        CorpusRun run = new CorpusRun("TlsSilence", arguments);
        try {
            story(run);
        } catch (Exception e) {
            run.damaged(e.toString());
        }
        run.intact();
    }

    private static void story(CorpusRun run) throws Exception {
        Path keys = Files.createTempDirectory("tls-silence").resolve("keys.p12");
        makeKeys(keys);
        Set<Integer> peers = ConcurrentHashMap.newKeySet();
        Tomcat tomcat = server(keys, peers);
        String url = "https://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/";

        List<OkHttpClient> okHttpClients = new ArrayList<>();
        List<Client> clients = new ArrayList<>();
        TrustManagerFactory trust = trust(keys);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        for (int i = 0; i < run.connections(); i++) {
            if (i % 2 == 0) {
                OkHttpClient okHttp = new OkHttpClient.Builder()
                        .retryOnConnectionFailure(false)
                        .sslSocketFactory(tls.getSocketFactory(), (X509TrustManager) trust.getTrustManagers()[0])
                        .build();
                okHttpClients.add(okHttp);
                clients.add(body -> post(okHttp, url, body));
            } else {
                HttpClient jdk = HttpClient.newBuilder()
                        .sslContext(tls)
                        .version(HttpClient.Version.HTTP_1_1)
                        .build();
                clients.add(body -> post(jdk, url, body));
            }
        }
        ExecutorService threads = Executors.newFixedThreadPool(run.connections());
        long load = (run.watchSeconds() * 1000L - SILENCE) / 2;
        List<Callable<Void>> tasks = new ArrayList<>();
        for (Client client : clients) {
            tasks.add(() -> {
                echoes(run, client, load);
                Thread.sleep(SILENCE);
                echoes(run, client, load);
                return null;
            });
        }
        for (Future<Void> done : threads.invokeAll(tasks)) {
            done.get();
        }
        if (peers.size() != run.connections()) {
            run.damaged(peers.size() + " connections instead of " + run.connections());
        }
        okHttpClients.forEach(client -> client.connectionPool().evictAll());
        threads.shutdown();
        tomcat.stop();
        tomcat.destroy();
        Files.delete(keys);
        Files.delete(keys.getParent());
    }

    private static void makeKeys(Path keys) throws Exception {
        int exit = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/keytool",
                        "-J-XX:TieredStopAtLevel=1",
                        "-J-XX:+UseSerialGC",
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=corpus",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "secret",
                        "-keystore",
                        keys.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("keytool ended with " + exit);
        }
    }

    private static TrustManagerFactory trust(Path keys) throws Exception {
        KeyStore own = KeyStore.getInstance(keys.toFile(), "secret".toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", own.getCertificate("server"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        return trust;
    }

    private static Tomcat server(Path keys, Set<Integer> peers) throws Exception {
        Connector connector = new Connector();
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("maxKeepAliveRequests", "-1");
        connector.setPort(0);
        connector.setScheme("https");
        connector.setSecure(true);
        connector.setProperty("SSLEnabled", "true");
        SSLHostConfig host = new SSLHostConfig();
        SSLHostConfigCertificate certificate =
                new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
        certificate.setCertificateKeystoreFile(keys.toString());
        certificate.setCertificateKeystorePassword("secret");
        host.addCertificate(certificate);
        connector.addSslHostConfig(host);

        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(System.getProperty("java.io.tmpdir") + "/corpus-tomcat");
        if (Runtime.version().feature() >= 21) {
            StandardVirtualThreadExecutor virtual = new StandardVirtualThreadExecutor();
            virtual.setName("virtual");
            tomcat.getService().addExecutor(virtual);
            connector.getProtocolHandler().setExecutor(virtual);
        }
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "echo", new HttpServlet() {
            @Override
            protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
                peers.add(request.getRemotePort());
                byte[] body = request.getInputStream().readAllBytes();
                response.setContentLength(body.length);
                response.getOutputStream().write(body);
            }
        });
        context.addServletMappingDecoded("/", "echo");
        tomcat.start();
        return tomcat;
    }

    private static byte[] post(OkHttpClient client, String url, byte[] body) throws IOException {
        Request request =
                new Request.Builder().url(url).post(RequestBody.create(body)).build();
        try (Response response = client.newCall(request).execute();
                InputStream in = response.body().byteStream()) {
            return in.readAllBytes();
        }
    }

    private static byte[] post(HttpClient client, String url, byte[] body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .POST(BodyPublishers.ofByteArray(body))
                .build();
        return client.send(request, BodyHandlers.ofByteArray()).body();
    }

    private static void echoes(CorpusRun run, Client client, long millis) throws Exception {
        Random random = new Random();
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; Thread.sleep(50)) {
            byte[] sent = new byte[1 + random.nextInt(40_000)];
            random.nextBytes(sent);
            byte[] received = client.echo(sent);
            if (!Arrays.equals(sent, received)) {
                run.damaged("echo of " + sent.length + " bytes came back as " + received.length);
            }
            run.checked(received.length);
        }
    }
}
