import io.socketreaper.testapp.corpus.FrameworkRun;
import io.socketreaper.testapp.corpus.Handlers;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** Tomcat: servlets that begin an asynchronous answer without timeout and never complete it. */
public class TomcatHandlers {
    static final class Orders extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            request.startAsync().setTimeout(0);
            response.getOutputStream().write(Handlers.event());
            response.flushBuffer();
        }
    }

    static final class Invoices extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            request.startAsync().setTimeout(0);
            response.getOutputStream().write(Handlers.event());
            response.flushBuffer();
        }
    }

    public static void main(String[] arguments) throws Exception {
        var tomcat = new Tomcat();
        tomcat.setSilent(true);
        tomcat.setBaseDir(FrameworkRun.directory().toString());
        var connector = new Connector("org.apache.coyote.http11." + arguments[2]);
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        tomcat.getService().addConnector(connector);
        var context = tomcat.addContext("", null);
        add(context, "orders", new Orders());
        add(context, "invoices", new Invoices());
        tomcat.start();
        Handlers.serve(connector.getLocalPort());
    }

    private static void add(Context context, String name, HttpServlet servlet) {
        Tomcat.addServlet(context, name, servlet).setAsyncSupported(true);
        context.addServletMappingDecoded("/" + name, name);
    }
}
