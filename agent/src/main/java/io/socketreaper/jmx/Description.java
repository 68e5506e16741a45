package io.socketreaper.jmx;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import javax.management.DescriptorKey;

/** The words for an MBean, an attribute, an operation or a parameter, for JConsole and for docs/jmx.md. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.PARAMETER})
public @interface Description {
    /** In a phrase. */
    @DescriptorKey(Described.TEXT)
    String value();

    /** Unit of a number; empty where there is none. */
    @DescriptorKey("units")
    String unit() default "";

    /** Name of a parameter. */
    @DescriptorKey(Described.NAME)
    String name() default "";
}
