package io.socketreaper.testapp.corpus;

import java.io.IOException;

/** A server in a process of its own, so that its sockets do not pile up beside the program's. It ends with the program. */
public final class Server {
    private Server() {}

    /**
     * Starts {@code peers/answer_and_stay.py}.
     *
     * @param answer what it sends when a message has come, with Python's escapes
     * @return its port
     */
    public static int answering(String answer) throws IOException {
        var server = new ProcessBuilder("python3", "src/corpus/peers/answer_and_stay.py", answer)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return Integer.parseInt(server.inputReader().readLine());
    }

    /** Starts an HTTP server that answers every request with that body; returns its URL. */
    public static String http(String body, String... headers) throws IOException {
        var answer = new StringBuilder("HTTP/1.1 200 OK\\r\\nContent-Length: " + body.length() + "\\r\\n");
        for (var header : headers) {
            answer.append(header).append("\\r\\n");
        }
        return "http://127.0.0.1:" + answering(answer + "\\r\\n" + body) + "/";
    }
}
