/**
 * Which thread may call what, as annotations, and the factory of the agent's daemon threads. The annotations are kept in the class files and
 * are not loaded at run time; {@code ThreadOwnershipTest} follows the calls in the class files and compares. {@code detect}, {@code release} and
 * {@code runtime} use it; it imports no other.
 */
@NullMarked
package io.socketreaper.thread;

import org.jspecify.annotations.NullMarked;
