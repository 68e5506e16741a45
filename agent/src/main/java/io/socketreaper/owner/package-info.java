/**
 * The framework that a channel belongs to, and how it closes it: a JDK channel that is closed under a framework leaves the
 * framework's own bookkeeping wrong for ever. Frameworks are recognised by class name and are no dependency; each has one small
 * file. Claims in {@code stack.nio} and {@code stack.async} call it.
 */
@NullMarked
package io.socketreaper.owner;

import org.jspecify.annotations.NullMarked;
