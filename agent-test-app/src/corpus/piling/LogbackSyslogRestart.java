import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.net.SyslogAppender;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Logback 1.2.13, https://github.com/qos-ch/logback/pull/1057 (LOGBACK-1019).
 *
 * <p>A syslog appender that is stopped forgets its datagram socket instead of closing it, so each new configuration leaves one open until
 * a garbage collection.
 */
public class LogbackSyslogRestart {
    public static void main(String[] arguments) throws Exception {
        var syslog = new DatagramSocket(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        new CorpusRun("LogbackSyslogRestart", arguments).pileUp(number -> configureAnew(syslog.getLocalPort()));
    }

    private static void configureAnew(int port) {
        var context = new LoggerContext();
        var appender = new SyslogAppender();
        appender.setContext(context);
        appender.setSyslogHost("127.0.0.1");
        appender.setPort(port);
        appender.setFacility("USER");
        appender.setSuffixPattern("%msg");
        appender.start();
        appender.doAppend(new LoggingEvent(
                "LogbackSyslogRestart", context.getLogger("config"), Level.INFO, "configured", null, null));
        appender.stop();
        context.stop();
    }
}
