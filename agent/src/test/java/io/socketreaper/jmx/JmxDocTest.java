package io.socketreaper.jmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.docs.GeneratedPart;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.NotificationBroadcasterSupport;
import javax.management.openmbean.OpenMBeanAttributeInfo;
import javax.management.openmbean.OpenType;
import org.junit.jupiter.api.Test;

/** Keeps docs/jmx.md true. */
class JmxDocTest {
    private static final List<Class<?>> BEANS = List.of(SocketReaperMXBean.class, LeakSiteMXBean.class);
    private static final List<Class<?>> TYPES = List.of(
            SiteData.class,
            SocketData.class,
            CountsData.class,
            ReportData.class,
            StackData.class,
            SettingData.class,
            AnswerData.class);

    @Test
    void theDocumentationNamesEverythingInTheBeans() throws IOException {
        var text = new StringBuilder();
        attributes(text, "Attributes of `io.socketreaper:type=SocketReaper`", SocketReaperMXBean.class);
        operations(text, SocketReaperMXBean.class);
        text.append("\n## Notifications of it\n\n| Type | Meaning |\n|---|---|\n");
        for (var notification : JmxOutlet.NOTIFICATIONS) {
            text.append("| `")
                    .append(String.join("`, `", notification.getNotifTypes()))
                    .append("` | ")
                    .append(notification.getDescription())
                    .append(" |\n");
        }
        attributes(
                text,
                "Attributes of `io.socketreaper:type=LeakSite,id=...`, and fields of SiteData",
                LeakSiteMXBean.class);
        operations(text, LeakSiteMXBean.class);
        for (var type : TYPES.subList(1, TYPES.size())) {
            attributes(text, "Fields of " + type.getSimpleName(), type);
        }
        GeneratedPart.check("jmx.md", JmxDocTest.class, text.toString());
    }

    @Test
    void aClientWithoutOurClassesCanReadEveryType() throws JMException {
        var site =
                new Described(new LeakSiteBean(null, null), LeakSiteMXBean.class, new NotificationBroadcasterSupport());
        var reaper = new Described(
                new SocketReaperBean(null, null), SocketReaperMXBean.class, new NotificationBroadcasterSupport());
        for (var info : List.of(site.getMBeanInfo(), reaper.getMBeanInfo())) {
            for (var attribute : info.getAttributes()) {
                assertTrue(attribute instanceof OpenMBeanAttributeInfo || isPrimitive(attribute), attribute::toString);
                assertNotNull((OpenType<?>) attribute.getDescriptor().getFieldValue("openType"), attribute::toString);
            }
            for (var operation : info.getOperations()) {
                for (var parameter : operation.getSignature()) {
                    assertTrue(parameter.getName().matches("id|action|settings|site|atMost"), parameter::toString);
                }
            }
        }
        assertEquals("Socket Reaper in this JVM", reaper.getMBeanInfo().getDescription());
    }

    private static boolean isPrimitive(MBeanAttributeInfo attribute) {
        return List.of("int", "long", "boolean").contains(attribute.getType());
    }

    @Test
    void everythingIsExplained() {
        var types = new ArrayList<>(BEANS);
        types.addAll(TYPES);
        for (var type : types) {
            for (var method : type.getMethods()) {
                if (method.getDeclaringClass() != Object.class) {
                    assertNotNull(method.getAnnotation(Description.class), method::toString);
                }
            }
        }
    }

    private static void attributes(StringBuilder text, String title, Class<?> type) {
        text.append(text.isEmpty() ? "" : "\n")
                .append("## ")
                .append(title)
                .append("\n\n| Name | Type | Unit | Meaning |\n|---|---|---|---|\n");
        boolean isBean = BEANS.contains(type);
        for (var method : methods(type, true)) {
            var about = method.getAnnotation(Description.class);
            String name = method.getName().replaceFirst("^(get|is)", "");
            text.append("| `")
                    .append(isBean ? name : Character.toLowerCase(name.charAt(0)) + name.substring(1))
                    .append("` | ")
                    .append(name(method))
                    .append(" | ")
                    .append(about.unit())
                    .append(" | ")
                    .append(about.value())
                    .append(" |\n");
        }
    }

    private static void operations(StringBuilder text, Class<?> type) {
        text.append("\n### Its operations\n\n| Operation | Returns | Meaning |\n|---|---|---|\n");
        for (var method : methods(type, false)) {
            var parameters = new ArrayList<String>();
            var meanings =
                    new StringBuilder(method.getAnnotation(Description.class).value());
            for (Parameter parameter : method.getParameters()) {
                var about = parameter.getAnnotation(Description.class);
                parameters.add(parameter.getType().getSimpleName() + " " + about.name());
                meanings.append("; `").append(about.name()).append("`: ").append(about.value());
            }
            text.append("| `")
                    .append(method.getName())
                    .append('(')
                    .append(String.join(", ", parameters))
                    .append(")` | ")
                    .append(name(method))
                    .append(" | ")
                    .append(meanings)
                    .append(" |\n");
        }
    }

    private static List<Method> methods(Class<?> type, boolean getters) {
        var methods = new ArrayList<Method>();
        for (var method : type.getMethods()) {
            if (method.getDeclaringClass() != Object.class && method.getName().matches("(get|is)[A-Z].*") == getters) {
                methods.add(method);
            }
        }
        methods.sort(Comparator.comparing(method -> method.getName().replaceFirst("^(get|is)", "")));
        return methods;
    }

    private static String name(Method method) {
        return method.getGenericReturnType()
                .getTypeName()
                .replaceAll("[a-z.]+\\.(?=[A-Z])", "")
                .replace("<", "&lt;");
    }
}
