package io.socketreaper.testapp.leaking;

import java.io.IOException;
import java.util.Locale;

/**
 * An SMTP server (RFC 5321, as much of it as a sender needs) whose only mailbox is full.
 *
 * <p>It learns this at {@code DATA}: it pauses, refuses, ends its side of the connection and forgets it.
 */
final class SmtpServer implements Protocol {
    static final String REFUSAL = "552 5.2.2 user quota exceeded\r\n";

    private boolean sender;
    private boolean recipient;

    @Override
    public void connected(LineConnection connection) throws IOException {
        connection.send("220 mx.example.org ESMTP\r\n");
    }

    @Override
    public void line(String line, LineConnection connection) throws IOException {
        switch (line.split("[ :]", 2)[0].toUpperCase(Locale.ROOT)) {
            case "EHLO" -> connection.send("250-mx.example.org\r\n250-SIZE 10485760\r\n250 8BITMIME\r\n");
            case "HELO" -> connection.send("250 mx.example.org\r\n");
            case "MAIL" -> {
                sender = true;
                connection.send("250 2.1.0 sender ok\r\n");
            }
            case "RCPT" -> {
                recipient = sender;
                connection.send(sender ? "250 2.1.5 recipient ok\r\n" : "503 5.5.1 MAIL first\r\n");
            }
            case "DATA" -> data(connection);
            case "RSET" -> {
                sender = false;
                recipient = false;
                connection.send("250 2.0.0 ok\r\n");
            }
            case "NOOP" -> connection.send("250 2.0.0 ok\r\n");
            case "QUIT" -> {
                connection.send("221 2.0.0 bye\r\n");
                connection.end();
            }
            default -> connection.send("500 5.5.1 unknown command\r\n");
        }
    }

    private void data(LineConnection connection) throws IOException {
        if (recipient) {
            refuse(connection);
        } else {
            connection.send("503 5.5.1 RCPT first\r\n");
        }
    }

    private void refuse(LineConnection connection) throws IOException {
        connection.pause();
        connection.send(REFUSAL);
        connection.end();
    }
}
