import io.socketreaper.testapp.corpus.FrameworkRun;
import java.io.FileInputStream;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.apache.mina.core.buffer.IoBuffer;
import org.apache.mina.core.service.IoHandlerAdapter;
import org.apache.mina.core.session.IoSession;
import org.apache.mina.filter.ssl.SslFilter;
import org.apache.mina.transport.socket.nio.NioSession;
import org.apache.mina.transport.socket.nio.NioSocketAcceptor;

/** Apache MINA 2.2: a handler suspends reading, then half-closes the session's channel or lets its client leave. */
public class MinaLeak {
    private static final String FAILURE = "failure";

    public static void main(String[] arguments) throws Exception {
        var run = new FrameworkRun("MinaLeak", arguments);
        var handler = new IoHandlerAdapter() {
            @Override
            public void messageReceived(IoSession session, Object message) throws Exception {
                session.suspendRead();
                if (((IoBuffer) message)
                        .getString(StandardCharsets.US_ASCII.newDecoder())
                        .contains(FrameworkRun.FORGET)) {
                    run.forgotten();
                    return;
                }
                ((SocketChannel) ((NioSession) session).getChannel()).shutdownOutput();
                run.halfClosed();
            }

            @Override
            public void sessionClosed(IoSession session) {
                if (session.containsAttribute(FAILURE)) {
                    run.callback();
                }
            }

            @Override
            public void exceptionCaught(IoSession session, Throwable cause) {
                session.setAttribute(FAILURE, cause);
            }
        };
        var plain = listen(new NioSocketAcceptor(1), handler);
        var encrypted = new NioSocketAcceptor(1);
        encrypted.getFilterChain().addFirst("tls", new SslFilter(tls()));
        listen(encrypted, handler);
        run.keep(plain);
        run.keep(encrypted);
        run.leak(
                "%s",
                plain.getLocalAddress().getPort(),
                encrypted.getLocalAddress().getPort(),
                () -> plain.getManagedSessionCount() + encrypted.getManagedSessionCount());
    }

    private static NioSocketAcceptor listen(NioSocketAcceptor acceptor, IoHandlerAdapter handler) throws Exception {
        acceptor.setHandler(handler);
        acceptor.bind(new InetSocketAddress("127.0.0.1", 0));
        return acceptor;
    }

    private static SSLContext tls() throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        try (var file = new FileInputStream(FrameworkRun.keyStore().toFile())) {
            store.load(file, FrameworkRun.PASSWORD.toCharArray());
        }
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, FrameworkRun.PASSWORD.toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
}
