import io.socketreaper.testapp.corpus.CorpusRun;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.commons.net.ftp.FTP;
import org.apache.commons.net.ftp.FTPClient;
import org.apache.ftpserver.ConnectionConfigFactory;
import org.apache.ftpserver.FtpServer;
import org.apache.ftpserver.FtpServerFactory;
import org.apache.ftpserver.ftplet.UserManager;
import org.apache.ftpserver.listener.ListenerFactory;
import org.apache.ftpserver.usermanager.PropertiesUserManagerFactory;
import org.apache.ftpserver.usermanager.impl.BaseUser;
import org.apache.ftpserver.usermanager.impl.ConcurrentLoginPermission;
import org.apache.ftpserver.usermanager.impl.WritePermission;

/**
 * FTP: Apache FtpServer 1.2.1 (control connections on MINA 2.2.4, NIO; data connections on java.net.Socket) and Apache Commons
 * Net 3.13.0 (java.net.Socket).
 *
 * <p>Clients log in once and upload and download files, passive and active, a data connection each; the end of a file is the end
 * of its connection. Then some control connections are idle for longer than the agent's timeout; the others are silent during an
 * upload whose data connection makes the same pause. Then all go on over the same control connections.
 */
public class FtpConversation {
    private static final int SILENCE = 3500;

    public static void main(String[] arguments) {
        CorpusRun run = new CorpusRun("FtpConversation", arguments);
        try {
            story(run);
        } catch (Exception e) {
            run.damaged(e.toString());
        }
        run.intact();
    }

    private static void story(CorpusRun run) throws Exception {
        Path home = Files.createTempDirectory("ftp-conversation");
        ListenerFactory listener = new ListenerFactory();
        listener.setServerAddress("127.0.0.1");
        listener.setPort(0);
        FtpServerFactory factory = new FtpServerFactory();
        factory.addListener("default", listener.createListener());
        factory.setUserManager(users(home, run.connections()));
        ConnectionConfigFactory config = new ConnectionConfigFactory();
        config.setMaxLogins(run.connections());
        config.setMaxThreads(run.connections());
        factory.setConnectionConfig(config.createConnectionConfig());
        FtpServer server = factory.createServer();
        server.start();
        int port = factory.getListener("default").getPort();

        ExecutorService threads = Executors.newFixedThreadPool(run.connections());
        List<Callable<Void>> conversations = new ArrayList<>();
        for (int i = 0; i < run.connections(); i++) {
            int number = i;
            conversations.add(() -> converse(run, port, number));
        }
        for (Future<Void> done : threads.invokeAll(conversations)) {
            done.get();
        }
        threads.shutdown();
        server.stop();
        for (int i = 0; i < run.connections(); i++) {
            Files.deleteIfExists(home.resolve("file-" + i));
        }
        Files.delete(home);
    }

    private static UserManager users(Path home, int logins) throws Exception {
        BaseUser user = new BaseUser();
        user.setName("ftp");
        user.setPassword("secret");
        user.setHomeDirectory(home.toString());
        user.setAuthorities(List.of(new WritePermission(), new ConcurrentLoginPermission(logins, logins)));
        UserManager users = new PropertiesUserManagerFactory().createUserManager();
        users.save(user);
        return users;
    }

    private static Void converse(CorpusRun run, int port, int number) throws Exception {
        FTPClient client = new FTPClient();
        client.connect("127.0.0.1", port);
        if (!client.login("ftp", "secret") || !client.setFileType(FTP.BINARY_FILE_TYPE)) {
            throw new IOException(client.getReplyString());
        }
        if (number % 2 == 0) {
            client.enterLocalPassiveMode();
        }
        String file = "file-" + number;
        long load = (run.watchSeconds() * 1000L - SILENCE) / 2;
        transfers(run, client, file, load);
        if (number % 3 == 0) {
            slowUpload(run, client, file);
        } else {
            Thread.sleep(SILENCE);
        }
        transfers(run, client, file, load);
        client.logout();
        client.disconnect();
        return null;
    }

    private static void transfers(CorpusRun run, FTPClient client, String file, long millis) throws Exception {
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; Thread.sleep(50)) {
            byte[] content = content();
            if (!client.storeFile(file, new ByteArrayInputStream(content))) {
                run.damaged("upload: " + client.getReplyString());
            }
            download(run, client, file, content);
        }
    }

    private static void slowUpload(CorpusRun run, FTPClient client, String file) throws Exception {
        byte[] content = content();
        try (OutputStream out = client.storeFileStream(file)) {
            out.write(content, 0, content.length / 2);
            out.flush();
            Thread.sleep(SILENCE);
            out.write(content, content.length / 2, content.length - content.length / 2);
        }
        if (!client.completePendingCommand()) {
            run.damaged("slow upload: " + client.getReplyString());
        }
        download(run, client, file, content);
    }

    private static void download(CorpusRun run, FTPClient client, String file, byte[] expected) throws IOException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        if (!client.retrieveFile(file, received)) {
            run.damaged("download: " + client.getReplyString());
        }
        if (!Arrays.equals(received.toByteArray(), expected)) {
            run.damaged("wrong file: " + received.size() + " bytes instead of " + expected.length);
        }
        run.checked(received.size());
    }

    private static byte[] content() {
        Random random = new Random();
        byte[] bytes = new byte[1 + random.nextInt(60_000)];
        random.nextBytes(bytes);
        return bytes;
    }
}
