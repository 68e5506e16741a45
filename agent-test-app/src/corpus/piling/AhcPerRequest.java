import io.socketreaper.testapp.corpus.CorpusRun;
import io.socketreaper.testapp.corpus.Server;
import org.asynchttpclient.Dsl;

/**
 * AsyncHttpClient 2.12.4 on Netty, https://github.com/blynkkk/blynk-server/issues/1192.
 *
 * <p>A client that was made for one use is not closed: its event loops keep their selectors, twice as many as there are processors.
 */
public class AhcPerRequest {
    public static void main(String[] arguments) throws Exception {
        String url = Server.http("sunny", "Connection: close");
        new CorpusRun("AhcPerRequest", arguments).pileUp(number -> weather(url));
    }

    private static String weather(String url) throws Exception {
        return Dsl.asyncHttpClient().prepareGet(url).execute().get().getResponseBody();
    }
}
