import io.socketreaper.testapp.corpus.ClientRun;
import io.socketreaper.testapp.corpus.FrameworkRun;
import io.socketreaper.testapp.corpus.ServerRun;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.AbstractProtocol;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/** Tomcat, NIO and NIO2: servlets that do not ask for more of a request's body for a while, or do not read its stream. */
public class TomcatServer {
    /** An acceptor counts the connection it waits for. */
    private static final int WAITING = 1;

    public static void main(String[] arguments) throws Exception {
        var run = new ServerRun("TomcatServer", arguments);
        var tomcat = new Tomcat();
        tomcat.setSilent(true);
        tomcat.setBaseDir(FrameworkRun.directory().toString());
        var connector = new Connector("org.apache.coyote.http11." + run.argument(0));
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("connectionTimeout", "" + ServerRun.TIMEOUT.toMillis());
        if (run.isTls()) {
            encrypt(connector);
        }
        tomcat.getService().addConnector(connector);
        var context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "reading", new Reading(run)).setAsyncSupported(true);
        context.addServletMappingDecoded("/", "reading");
        tomcat.start();
        run.keep(tomcat);
        run.play(
                connector.getLocalPort(),
                () -> ((AbstractProtocol<?>) connector.getProtocolHandler()).getConnectionCount() - WAITING);
    }

    private static void encrypt(Connector connector) throws Exception {
        connector.setSecure(true);
        connector.setScheme("https");
        connector.setProperty("SSLEnabled", "true");
        var host = new SSLHostConfig();
        var certificate = new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.EC);
        certificate.setCertificateKeystoreFile(FrameworkRun.keyStore().toString());
        certificate.setCertificateKeystorePassword(FrameworkRun.PASSWORD);
        certificate.setCertificateKeystoreType("PKCS12");
        host.addCertificate(certificate);
        connector.addSslHostConfig(host);
    }

    /** Reads what is posted. */
    static final class Reading extends HttpServlet {
        private final transient ServerRun run;

        Reading(ServerRun run) {
            this.run = run;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getOutputStream().print(ServerRun.HELLO);
        }

        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
            var body = run.body(request.getRequestURI());
            if (request.getRequestURI().contains(ServerRun.BLOCKING)) {
                if (ServerRun.readAll(request.getInputStream(), body)) {
                    response.getOutputStream().print(ServerRun.HELLO);
                }
                return;
            }
            var async = request.startAsync();
            async.setTimeout(0);
            request.getInputStream().setReadListener(new Listening(async, request.getInputStream(), body));
        }
    }

    private static final class Listening implements ReadListener {
        private final AsyncContext async;
        private final ServletInputStream input;
        private final ClientRun.Answer body;

        Listening(AsyncContext async, ServletInputStream input, ClientRun.Answer body) {
            this.async = async;
            this.input = input;
            this.body = body;
        }

        @Override
        public void onDataAvailable() throws IOException {
            byte[] buffer = new byte[4096];
            while (input.isReady()) {
                int count = input.read(buffer);
                if (count < 0) {
                    return;
                }
                if (body.take(ByteBuffer.wrap(buffer, 0, count))) {
                    body.whenResumed(this::readOn);
                    return;
                }
            }
        }

        private void readOn() {
            try {
                onDataAvailable();
            } catch (IOException | RuntimeException failed) {
                body.failed(failed);
            }
        }

        @Override
        public void onAllDataRead() throws IOException {
            body.ended();
            async.getResponse().getOutputStream().print(ServerRun.HELLO);
            async.complete();
        }

        @Override
        public void onError(Throwable cause) {
            body.failed(cause);
        }
    }
}
