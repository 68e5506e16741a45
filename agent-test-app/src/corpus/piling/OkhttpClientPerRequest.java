import io.socketreaper.testapp.corpus.CorpusRun;
import io.socketreaper.testapp.corpus.Server;
import java.io.IOException;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/**
 * OkHttp 3.12.0, https://github.com/square/okhttp/issues/2636.
 *
 * <p>A service makes a client for each request. Each has a pool of its own, whose thread keeps the one connection for five minutes:
 * ESTABLISHED, and never used again.
 */
public class OkhttpClientPerRequest {
    public static void main(String[] arguments) throws Exception {
        var request = new Request.Builder().url(Server.http("sunny")).build();
        new CorpusRun("OkhttpClientPerRequest", arguments).pileUp(number -> weather(request));
    }

    private static String weather(Request request) throws IOException {
        try (var response = new OkHttpClient().newCall(request).execute()) {
            return response.body().string();
        }
    }
}
