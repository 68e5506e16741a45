/**
 * The running agent as events of the JDK's Flight Recorder, category "Socket Reaper". These classes are loaded only when
 * the recorder is in use, and are not needed where the module jdk.jfr is absent.
 */
@NullMarked
package io.socketreaper.jfr;

import org.jspecify.annotations.NullMarked;
