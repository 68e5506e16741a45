import io.socketreaper.testapp.corpus.ClientRun;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChain;
import org.glassfish.grizzly.filterchain.FilterChainBuilder;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.filterchain.TransportFilter;
import org.glassfish.grizzly.memory.Buffers;
import org.glassfish.grizzly.nio.transport.TCPNIOConnectorHandler;
import org.glassfish.grizzly.nio.transport.TCPNIOTransport;
import org.glassfish.grizzly.nio.transport.TCPNIOTransportBuilder;

/** Grizzly's transport: filters that suspend their chain for a while. The end of an answer is the close of its connection. */
public class GrizzlyClient implements ClientRun.Client {
    private final ClientRun run;
    private final TCPNIOTransport transport =
            TCPNIOTransportBuilder.newInstance().build();
    private final AtomicInteger open = new AtomicInteger();

    private GrizzlyClient(ClientRun run) throws IOException {
        this.run = run;
        transport.start();
    }

    public static void main(String[] arguments) throws Exception {
        var run = new ClientRun("GrizzlyClient", arguments, 60_000);
        run.play(new GrizzlyClient(run));
    }

    @Override
    public void ask(String path, ClientRun.Answer answer) throws Exception {
        exchange(path, new BaseFilter() {
            @Override
            public NextAction handleRead(FilterChainContext context) {
                Buffer bytes = context.getMessage();
                if (answer.takeWithHead(bytes.toByteBuffer())) {
                    NextAction suspended = context.getSuspendAction();
                    context.suspend();
                    answer.whenResumed(() -> context.resume(context.getStopAction()));
                    return suspended;
                }
                return context.getStopAction();
            }

            @Override
            public NextAction handleClose(FilterChainContext context) {
                open.decrementAndGet();
                answer.ended();
                return context.getStopAction();
            }

            @Override
            public void exceptionOccurred(FilterChainContext context, Throwable cause) {
                answer.failed(cause);
            }
        });
    }

    @Override
    public String get(String path) throws Exception {
        var text = new StringBuilder();
        var body = new CompletableFuture<String>();
        Connection<?> connection = exchange(path, new BaseFilter() {
            @Override
            public NextAction handleRead(FilterChainContext context) {
                Buffer bytes = context.getMessage();
                text.append(bytes.toStringContent(StandardCharsets.US_ASCII));
                String whole = ClientRun.bodyOf(text.toString());
                if (whole != null) {
                    body.complete(whole);
                }
                return context.getStopAction();
            }

            @Override
            public NextAction handleClose(FilterChainContext context) {
                open.decrementAndGet();
                return context.getStopAction();
            }
        });
        try {
            return body.get(ClientRun.TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            connection.closeSilently();
        }
    }

    @Override
    public int leased() {
        return open.get();
    }

    @Override
    public boolean takesResetForEnd() {
        return true;
    }

    private Connection<?> exchange(String path, BaseFilter last) throws Exception {
        FilterChain chain = FilterChainBuilder.stateless()
                .add(new TransportFilter())
                .add(last)
                .build();
        var connection = TCPNIOConnectorHandler.builder(transport)
                .processor(chain)
                .build()
                .connect(new InetSocketAddress("127.0.0.1", run.port()))
                .get(ClientRun.PATIENCE_SECONDS, TimeUnit.SECONDS);
        open.incrementAndGet();
        connection.write(Buffers.wrap(
                transport.getMemoryManager(), "GET " + path + " HTTP/1.1\r\n\r\n", StandardCharsets.US_ASCII));
        return connection;
    }
}
