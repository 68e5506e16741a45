package io.socketreaper.thread;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Threads of the application call this method through the hook, at any time and many at once. It takes no lock, does not block, and does not
 * call a method that is {@link ReaperThread}.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface ApplicationThread {}
