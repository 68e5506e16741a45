import io.socketreaper.testapp.corpus.FrameworkRun;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.Field;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.AbstractProtocol;
import org.apache.tomcat.util.net.Nio2Channel;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * Tomcat 10.1 and 11, NIO and NIO2: an asynchronous request without timeout half-closes the channel below it, which only reflection
 * reaches, or lets its client leave; it is never completed.
 */
public class TomcatLeak {
    /** An acceptor counts the connection it waits for. */
    private static final int WAITING = 1;

    public static void main(String[] arguments) throws Exception {
        var run = new FrameworkRun("TomcatLeak", arguments);
        var tomcat = new Tomcat();
        tomcat.setSilent(true);
        tomcat.setBaseDir(FrameworkRun.directory().toString());
        var protocol = "org.apache.coyote.http11." + arguments[2];
        var plain = connector(tomcat, protocol);
        var encrypted = connector(tomcat, protocol);
        encrypt(encrypted);
        var context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "leaking", new Leaking(run)).setAsyncSupported(true);
        context.addServletMappingDecoded("/", "leaking");
        tomcat.start();
        run.keep(tomcat);
        run.await("the acceptors", () -> connections(plain) == WAITING && connections(encrypted) == WAITING);
        run.leak(
                "GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n",
                plain.getLocalPort(),
                encrypted.getLocalPort(),
                () -> connections(plain) - WAITING + connections(encrypted) - WAITING);
    }

    private static Connector connector(Tomcat tomcat, String protocol) {
        var connector = new Connector(protocol);
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        tomcat.getService().addConnector(connector);
        return connector;
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

    private static long connections(Connector connector) {
        return ((AbstractProtocol<?>) connector.getProtocolHandler()).getConnectionCount();
    }

    /** Never answers, never reads on. */
    static final class Leaking extends HttpServlet implements AsyncListener {
        private final transient FrameworkRun run;

        Leaking(FrameworkRun run) {
            this.run = run;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            var async = request.startAsync();
            async.setTimeout(0);
            async.addListener(this);
            if (request.getRequestURI().contains(FrameworkRun.FORGET)) {
                run.forgotten();
                return;
            }
            try {
                halfClose(request);
            } catch (ReflectiveOperationException otherTomcat) {
                throw new IOException(otherTomcat);
            }
            run.halfClosed();
        }

        private static void halfClose(Object facade) throws ReflectiveOperationException, IOException {
            Object processor = field(field(field(facade, "request"), "coyoteRequest"), "hook");
            var wrapper = (SocketWrapperBase<?>) field(processor, "socketWrapper");
            if (wrapper.getSocket() instanceof Nio2Channel asynchronous) {
                asynchronous.getIOChannel().shutdownOutput();
            } else {
                ((NioChannel) wrapper.getSocket()).getIOChannel().shutdownOutput();
            }
        }

        private static Object field(Object object, String name) throws ReflectiveOperationException {
            for (Class<?> c = object.getClass(); c != null; c = c.getSuperclass()) {
                for (Field field : c.getDeclaredFields()) {
                    if (field.getName().equals(name)) {
                        field.setAccessible(true);
                        return field.get(object);
                    }
                }
            }
            throw new NoSuchFieldException(name);
        }

        @Override
        public void onError(AsyncEvent event) {
            run.callback();
        }

        @Override
        public void onComplete(AsyncEvent event) {
            // comes after onError
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            // none was set
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            // not again
        }
    }
}
