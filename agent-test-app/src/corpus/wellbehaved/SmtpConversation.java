import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.socketreaper.testapp.corpus.CorpusRun;
import jakarta.mail.Address;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * SMTP: GreenMail 2.1.13 as server and Angus Mail 2.0.5 as client, both on java.net.Socket.
 *
 * <p>Every client sends mails over one connection, is silent for longer than the agent's timeout and sends more over the same
 * one; what was sent is compared with what the server holds. At the end as many short conversations half-close after QUIT and
 * read the answers up to the end.
 */
public class SmtpConversation {
    private static final int SILENCE = 3500;
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Map<String, String> SENT = new ConcurrentHashMap<>();

    public static void main(String[] arguments) {
        CorpusRun run = new CorpusRun("SmtpConversation", arguments);
        try {
            story(run);
        } catch (Exception e) {
            run.damaged(e.toString());
        }
        run.intact();
    }

    private static void story(CorpusRun run) throws Exception {
        GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        server.start();
        int port = server.getSmtp().getPort();
        ExecutorService threads = Executors.newFixedThreadPool(run.connections());
        List<Callable<Void>> conversations = new ArrayList<>();
        for (int i = 0; i < run.connections(); i++) {
            conversations.add(() -> {
                converse(run, port);
                halfClose(port);
                return null;
            });
        }
        for (Future<Void> done : threads.invokeAll(conversations)) {
            done.get();
        }
        threads.shutdown();
        compare(run, server.getReceivedMessages());
        server.stop();
    }

    private static void converse(CorpusRun run, int port) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("mail.smtp.localhost", "client");
        Session session = Session.getInstance(properties);
        long load = (run.watchSeconds() * 1000L - SILENCE) / 2;
        try (Transport transport = session.getTransport("smtp")) {
            transport.connect("127.0.0.1", port, null, null);
            mails(session, transport, load);
            Thread.sleep(SILENCE);
            mails(session, transport, load);
        }
    }

    private static void mails(Session session, Transport transport, long millis) throws Exception {
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; Thread.sleep(50)) {
            String subject = "mail " + NUMBER.getAndIncrement();
            MimeMessage mail = new MimeMessage(session);
            mail.setSubject(subject);
            mail.setText(text(subject));
            mail.saveChanges();
            transport.sendMessage(mail, new Address[] {new InternetAddress("somebody@localhost")});
        }
    }

    /** A pipelining sender without patience. */
    private static void halfClose(int port) throws IOException {
        String subject = "mail " + NUMBER.getAndIncrement();
        try (Socket socket = new Socket("127.0.0.1", port)) {
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
            OutputStream out = socket.getOutputStream();
            in.readLine();
            out.write("HELO client\r\nMAIL FROM:<me@localhost>\r\nRCPT TO:<somebody@localhost>\r\nDATA\r\n".getBytes());
            for (String answer = ""; !answer.startsWith("354"); ) {
                answer = in.readLine();
                if (answer == null || answer.startsWith("5")) {
                    throw new IOException("instead of 354: " + answer);
                }
            }
            out.write(("Subject: " + subject + "\r\n\r\n" + text(subject) + "\r\n.\r\nQUIT\r\n").getBytes());
            socket.shutdownOutput();
            List<String> answers = in.lines().toList();
            if (answers.size() != 2
                    || !answers.get(0).startsWith("250")
                    || !answers.get(1).startsWith("221")) {
                throw new IOException("instead of 250 and 221: " + answers);
            }
        }
    }

    private static void compare(CorpusRun run, MimeMessage[] received) throws Exception {
        Map<String, String> left = new HashMap<>(SENT);
        for (MimeMessage mail : received) {
            String text = mail.getContent().toString().strip();
            if (!text.equals(left.remove(mail.getSubject()))) {
                run.damaged("wrong text of " + mail.getSubject());
            }
            run.checked(text.length());
        }
        if (!left.isEmpty()) {
            run.damaged("never arrived: " + left.keySet());
        }
    }

    /** The text of the next mail, remembered under its subject. */
    private static String text(String subject) {
        Random random = new Random();
        byte[] bytes = new byte[1 + random.nextInt(10_000)];
        random.nextBytes(bytes);
        String text = Base64.getMimeEncoder().encodeToString(bytes);
        SENT.put(subject, text);
        return text;
    }
}
