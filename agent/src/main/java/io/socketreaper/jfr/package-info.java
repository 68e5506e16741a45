/**
 * The running agent as events of the JDK's Flight Recorder, category "Socket Reaper". Nothing here is loaded before the recorder
 * is in use, nor needed where the module jdk.jfr is absent.
 */
@NullMarked
package io.socketreaper.jfr;

import org.jspecify.annotations.NullMarked;
