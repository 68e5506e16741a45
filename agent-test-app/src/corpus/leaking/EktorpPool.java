import io.socketreaper.testapp.corpus.CorpusRun;
import java.util.ArrayList;
import org.ektorp.http.HttpClient;
import org.ektorp.http.HttpResponse;
import org.ektorp.http.StdHttpClient;

/**
 * Ektorp 1.4.0 on Apache HttpClient 4.2.5, https://github.com/helun/Ektorp/issues/120.
 *
 * <p>The pool of a blocking HTTP client looks at a connection when it is next asked for one; Ektorp's monitor of idle
 * connections closes only those whose keep-alive has expired by the server's word. What the server has closed stays in the
 * pool in CLOSE_WAIT. Here a Python server answers and closes. Kind: peer-closed.
 */
public class EktorpPool {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("EktorpPool", arguments);
        var server = new ProcessBuilder(
                        "python3",
                        "src/corpus/peers/answer_and_close.py",
                        "HTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\n\\r\\npong")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int port = Integer.parseInt(server.inputReader().readLine());
        var warm = client(port, 1);
        warm.get("/").releaseConnection();
        warm.shutdown();
        run.baseline();

        var client = client(port, run.connections());
        run.keep(client);
        var responses = new ArrayList<HttpResponse>();
        for (int i = 0; i < run.connections(); i++) {
            responses.add(client.get("/"));
        }
        responses.forEach(HttpResponse::releaseConnection);
        run.await("the leak", () -> run.held() == run.connections());
        run.leaked();
    }

    private static HttpClient client(int port, int connections) throws Exception {
        return new StdHttpClient.Builder()
                .url("http://127.0.0.1:" + port)
                .maxConnections(connections)
                .caching(false)
                .cleanupIdleConnections(true)
                .build();
    }
}
