package io.socketreaper.thread;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Only the reaper thread calls this method, or uses this field. On a type: all its methods but the constructors and those that carry another
 * annotation of this package.
 *
 * <p>Before the reaper thread is started, the thread that starts the agent may call it as well. Another thread asks the reaper thread by a
 * question, whose one method is annotated so itself. On a method of an interface it holds for calls through the interface; a class that is
 * called by its own name is annotated, too.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.FIELD})
public @interface ReaperThread {}
