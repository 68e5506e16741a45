/**
 * The evidence, and the verdict on it, as one pure table: {@link io.socketreaper.model.Judge} takes
 * {@link io.socketreaper.model.Evidence} and returns a {@link io.socketreaper.model.Verdict}. No clock is read, no socket is touched and no
 * other package is imported, so a reviewer can read the table and a test can enumerate it. {@code detect} asks it at every check, and
 * {@code release} once more under the socket's own lock.
 */
@NullMarked
package io.socketreaper.model;

import org.jspecify.annotations.NullMarked;
