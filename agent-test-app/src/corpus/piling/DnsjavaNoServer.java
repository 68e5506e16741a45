import io.socketreaper.testapp.corpus.CorpusRun;
import java.io.IOException;
import java.time.Duration;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * dnsjava 3.0.2, https://github.com/dnsjava/dnsjava/issues/110.
 *
 * <p>A query that ends with an error leaves its datagram socket open, one for each query. The program of the author asks
 * whether addresses have a name server; most have none. Here it is a port without a listener.
 */
public class DnsjavaNoServer {
    /** No client gets it by chance. */
    private static final int UNUSED_PORT = 1;

    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("DnsjavaNoServer", arguments);
        run.pileUp(number -> {
            if (isNameServer(UNUSED_PORT)) {
                run.damaged("an answer");
            }
        });
    }

    private static boolean isNameServer(int port) throws IOException {
        var resolver = new SimpleResolver("127.0.0.1");
        resolver.setPort(port);
        resolver.setTimeout(Duration.ofMillis(100));
        try {
            resolver.send(Message.newQuery(Record.newRecord(Name.fromString("example.com."), Type.A, DClass.IN)));
            return true;
        } catch (IOException noServer) {
            return false;
        }
    }
}
