package io.socketreaper.jmx;

import javax.management.Descriptor;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanFeatureInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.NotificationEmitter;
import javax.management.StandardEmitterMBean;

/** An MXBean whose descriptions come from {@link Description}. */
final class Described extends StandardEmitterMBean {
    static final String TEXT = "socketreaper.about";
    static final String NAME = "socketreaper.name";

    <T> Described(T bean, Class<T> type, NotificationEmitter emitter) {
        super(bean, type, true, emitter);
    }

    private static String of(Descriptor descriptor, String field, String otherwise) {
        Object text = descriptor.getFieldValue(field);
        return text == null || text.toString().isEmpty() ? otherwise : text.toString();
    }

    @Override
    protected String getDescription(MBeanInfo info) {
        return of(info.getDescriptor(), TEXT, info.getDescription());
    }

    @Override
    protected String getDescription(MBeanFeatureInfo info) {
        return of(info.getDescriptor(), TEXT, info.getDescription());
    }

    @Override
    protected String getDescription(MBeanAttributeInfo info) {
        String unit = of(info.getDescriptor(), "units", "");
        return getDescription((MBeanFeatureInfo) info) + (unit.isEmpty() ? "" : ", " + unit);
    }

    @Override
    protected String getDescription(MBeanOperationInfo operation, MBeanParameterInfo parameter, int sequence) {
        return getDescription((MBeanFeatureInfo) parameter);
    }

    @Override
    protected String getParameterName(MBeanOperationInfo operation, MBeanParameterInfo parameter, int sequence) {
        return of(parameter.getDescriptor(), NAME, parameter.getName());
    }

    @Override
    protected int getImpact(MBeanOperationInfo operation) {
        return operation.getName().equals("socketsOf") ? MBeanOperationInfo.INFO : MBeanOperationInfo.ACTION;
    }
}
