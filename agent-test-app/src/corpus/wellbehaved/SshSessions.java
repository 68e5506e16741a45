import io.socketreaper.testapp.corpus.CorpusRun;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.channel.ClientChannel;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;

/**
 * SSH: Apache MINA SSHD 2.20.0 as client and server, both on AsynchronousSocketChannel.
 *
 * <p>Every session runs a remote "cat" and has bytes echoed, is silent for longer than the agent's timeout and has more echoed.
 * While silent, an asynchronous channel has no thread in any read: there is only a pending read that its group knows of.
 */
public class SshSessions {
    private static final int SILENCE = 3500;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** The remote command: returns its input. */
    private static class Cat implements Command {
        private InputStream in;
        private OutputStream out;
        private ExitCallback exit;
        private Thread thread;

        @Override
        public void setInputStream(InputStream in) {
            this.in = in;
        }

        @Override
        public void setOutputStream(OutputStream out) {
            this.out = out;
        }

        @Override
        public void setErrorStream(OutputStream err) {}

        @Override
        public void setExitCallback(ExitCallback exit) {
            this.exit = exit;
        }

        @Override
        public void start(ChannelSession channel, Environment environment) {
            thread = new Thread(this::copy, "cat");
            thread.start();
        }

        private void copy() {
            byte[] buffer = new byte[8192];
            try {
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    out.write(buffer, 0, count);
                    out.flush();
                }
                exit.onExit(0);
            } catch (IOException e) {
                exit.onExit(1, e.toString());
            }
        }

        @Override
        public void destroy(ChannelSession channel) {
            thread.interrupt();
        }
    }

    public static void main(String[] arguments) {
        CorpusRun run = new CorpusRun("SshSessions", arguments);
        try {
            story(run);
        } catch (Exception e) {
            run.damaged(e.toString());
        }
        run.intact();
    }

    private static void story(CorpusRun run) throws Exception {
        SshServer server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        server.setPort(0);
        server.setKeyPairProvider(new SimpleGeneratorHostKeyProvider());
        server.setPasswordAuthenticator((user, password, session) -> password.equals("secret"));
        server.setCommandFactory((channel, command) -> new Cat());
        server.start();
        SshClient client = SshClient.setUpDefaultClient();
        client.start();

        ExecutorService threads = Executors.newFixedThreadPool(run.connections());
        List<Callable<Void>> sessions = new ArrayList<>();
        for (int i = 0; i < run.connections(); i++) {
            sessions.add(() -> session(run, client, server.getPort()));
        }
        for (Future<Void> done : threads.invokeAll(sessions)) {
            done.get();
        }
        threads.shutdown();
        client.stop();
        server.stop();
    }

    private static Void session(CorpusRun run, SshClient client, int port) throws Exception {
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", port);
        try (ClientSession session =
                client.connect("corpus", address).verify(PATIENCE).getSession()) {
            session.addPasswordIdentity("secret");
            session.auth().verify(PATIENCE);
            try (ClientChannel cat = session.createExecChannel("cat")) {
                cat.open().verify(PATIENCE);
                long load = (run.watchSeconds() * 1000L - SILENCE) / 2;
                echoes(run, cat, load);
                Thread.sleep(SILENCE);
                echoes(run, cat, load);
                cat.getInvertedIn().close();
                cat.waitFor(List.of(ClientChannelEvent.EXIT_STATUS), PATIENCE);
                if (cat.getExitStatus() == null || cat.getExitStatus() != 0) {
                    run.damaged("exit status " + cat.getExitStatus());
                }
            }
        }
        return null;
    }

    private static void echoes(CorpusRun run, ClientChannel cat, long millis) throws Exception {
        Random random = new Random();
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; Thread.sleep(50)) {
            byte[] sent = new byte[1 + random.nextInt(30_000)];
            random.nextBytes(sent);
            cat.getInvertedIn().write(sent);
            cat.getInvertedIn().flush();
            byte[] received = cat.getInvertedOut().readNBytes(sent.length);
            if (!Arrays.equals(sent, received)) {
                run.damaged("echo of " + sent.length + " bytes came back wrong, " + received.length);
            }
            run.checked(received.length);
        }
    }
}
