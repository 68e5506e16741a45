import io.socketreaper.testapp.corpus.ClientRun;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.mina.core.buffer.IoBuffer;
import org.apache.mina.core.service.IoHandler;
import org.apache.mina.core.service.IoHandlerAdapter;
import org.apache.mina.core.session.IdleStatus;
import org.apache.mina.core.session.IoSession;
import org.apache.mina.transport.socket.nio.NioSocketConnector;

/** Apache MINA's connector: sessions that suspend their reads for a while. The end of an answer is the end of its session. */
public class MinaClient implements ClientRun.Client {
    private final ClientRun run;
    private final NioSocketConnector connector = new NioSocketConnector(1);

    private MinaClient(ClientRun run) {
        this.run = run;
        connector.setHandler(new Telling());
    }

    public static void main(String[] arguments) throws Exception {
        var run = new ClientRun("MinaClient", arguments, 60_000);
        run.play(new MinaClient(run));
    }

    @Override
    public void ask(String path, ClientRun.Answer answer) {
        exchange(path, new IoHandlerAdapter() {
            @Override
            public void messageReceived(IoSession session, Object message) {
                if (answer.takeWithHead(((IoBuffer) message).buf())) {
                    session.suspendRead();
                    answer.whenResumed(session::resumeRead);
                }
            }

            @Override
            public void exceptionCaught(IoSession session, Throwable cause) {
                answer.failed(cause);
                session.closeNow();
            }

            @Override
            public void sessionClosed(IoSession session) {
                answer.ended();
            }
        });
    }

    @Override
    public String get(String path) throws Exception {
        var text = new StringBuilder();
        var body = new CompletableFuture<String>();
        exchange(path, new IoHandlerAdapter() {
            @Override
            public void sessionOpened(IoSession session) {
                session.getConfig().setReaderIdleTime((int) ClientRun.TIMEOUT.toSeconds());
            }

            @Override
            public void messageReceived(IoSession session, Object message) throws Exception {
                text.append(((IoBuffer) message).getString(StandardCharsets.US_ASCII.newDecoder()));
                String whole = ClientRun.bodyOf(text.toString());
                if (whole != null) {
                    body.complete(whole);
                    session.closeNow();
                }
            }

            @Override
            public void sessionIdle(IoSession session, IdleStatus status) {
                body.completeExceptionally(new IOException("idle"));
                session.closeNow();
            }

            @Override
            public void exceptionCaught(IoSession session, Throwable cause) {
                body.completeExceptionally(cause);
            }
        });
        return body.get(ClientRun.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public int leased() {
        return connector.getManagedSessionCount();
    }

    private void exchange(String path, IoHandler handler) {
        connector.connect(new InetSocketAddress("127.0.0.1", run.port()), (session, future) -> {
            session.setAttribute(IoHandler.class, handler);
            session.write(IoBuffer.wrap(("GET " + path + " HTTP/1.1\r\n\r\n").getBytes(StandardCharsets.US_ASCII)));
        });
    }

    /** A connector has one handler; each session has its own. */
    private static final class Telling extends IoHandlerAdapter {
        private static IoHandler of(IoSession session) {
            return (IoHandler) session.getAttribute(IoHandler.class);
        }

        @Override
        public void sessionOpened(IoSession session) throws Exception {
            of(session).sessionOpened(session);
        }

        @Override
        public void sessionClosed(IoSession session) throws Exception {
            of(session).sessionClosed(session);
        }

        @Override
        public void sessionIdle(IoSession session, IdleStatus status) throws Exception {
            of(session).sessionIdle(session, status);
        }

        @Override
        public void exceptionCaught(IoSession session, Throwable cause) throws Exception {
            of(session).exceptionCaught(session, cause);
        }

        @Override
        public void messageReceived(IoSession session, Object message) throws Exception {
            of(session).messageReceived(session, message);
        }
    }
}
