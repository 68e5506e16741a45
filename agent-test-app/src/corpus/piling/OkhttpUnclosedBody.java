import io.socketreaper.testapp.corpus.CorpusRun;
import io.socketreaper.testapp.corpus.Server;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * OkHttp 3.12.0, https://github.com/square/okhttp/issues/2311.
 *
 * <p>A service looks at the code of an answer and closes its body only if it reads it. The connection of each other answer stays leased by
 * the one client's pool, so that each request needs a new one. The service remembers the last answers; without that, the pool would
 * notice after a garbage collection and warn that a connection was leaked.
 */
public class OkhttpUnclosedBody {
    private static final List<Response> answers = new ArrayList<>();

    public static void main(String[] arguments) throws Exception {
        var client = new OkHttpClient();
        var request = new Request.Builder().url(Server.http("sunny")).build();
        new CorpusRun("OkhttpUnclosedBody", arguments).pileUp(number -> isUp(client, request));
    }

    private static boolean isUp(OkHttpClient client, Request request) throws IOException {
        var response = client.newCall(request).execute();
        answers.add(response);
        return response.isSuccessful();
    }
}
