import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.reactivex.netty.protocol.http.client.HttpClient;
import io.socketreaper.testapp.corpus.CorpusRun;

/**
 * RxNetty 0.5.2-rc.4 on Netty 4.1.94.Final (4.1.5 does not start on JDK 17),
 * https://github.com/ReactiveX/RxNetty/issues/555.
 *
 * <p>A caller who looks at the status only and does not subscribe to the body leaves the connection with auto-read off; it
 * is neither pooled nor closed, also when the server has closed it. Here a Python server answers and closes.
 * Kind: peer-closed.
 */
public class RxNettyUnreadResponse {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("RxNettyUnreadResponse", arguments);
        var server = new ProcessBuilder(
                        "python3",
                        "src/corpus/peers/answer_and_close.py",
                        "HTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\n\\r\\npong")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int port = Integer.parseInt(server.inputReader().readLine());
        var client = HttpClient.newClient("127.0.0.1", port);
        run.keep(client);
        client.createGet("/")
                .flatMap(response -> response.discardContent())
                .toCompletable()
                .await();
        run.baseline();

        var leaky = client.addChannelHandlerFirst("closed", () -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelInactive(ChannelHandlerContext context) {
                run.callback();
                context.fireChannelInactive();
            }
        });
        run.keep(leaky);
        for (int i = 0; i < run.connections(); i++) {
            int status = leaky.createGet("/")
                    .map(response -> response.getStatus().code())
                    .toBlocking()
                    .first();
            if (status != 200) {
                run.damaged("status " + status);
            }
        }
        run.await("the leak", () -> run.held() == run.connections());
        run.leaked();
    }
}
