import io.socketreaper.testapp.corpus.CorpusRun;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * Look-ups of names, of which every other one goes to a port without a listener and fails: dnsjava 3.6.3, which closes its datagram socket
 * also then, unlike 3.0.2 ({@code DnsjavaNoServer}).
 */
public class DnsjavaLookups {
    /** No client gets it by chance. */
    private static final int UNUSED_PORT = 1;

    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("DnsjavaLookups", arguments);
        var nameServer = new DatagramSocket(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        var thread = new Thread(() -> answer(run, nameServer));
        thread.setDaemon(true);
        thread.start();
        var resolver = resolver(nameServer.getLocalPort());
        var mistaken = resolver(UNUSED_PORT);
        var name = Name.fromString("example.com.");
        var query = Message.newQuery(Record.newRecord(name, Type.A, DClass.IN));
        run.forAsLongAsItIsWatched(part -> {
            run.checkedText(
                    name.toString(),
                    resolver.send(query).getQuestion().getName().toString());
            try {
                run.damaged("an answer: " + mistaken.send(query));
            } catch (IOException expected) {
                Thread.sleep(50);
            }
        });
        run.stays();
    }

    private static SimpleResolver resolver(int port) throws IOException {
        var resolver = new SimpleResolver("127.0.0.1");
        resolver.setPort(port);
        resolver.setTimeout(Duration.ofSeconds(10));
        return resolver;
    }

    private static void answer(CorpusRun run, DatagramSocket socket) {
        var packet = new DatagramPacket(new byte[1024], 1024);
        try {
            while (true) {
                socket.receive(packet);
                var message = new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
                message.getHeader().setFlag(Flags.QR);
                byte[] answer = message.toWire();
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        } catch (IOException e) {
            run.damaged("name server: " + e);
        }
    }
}
