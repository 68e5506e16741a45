/**
 * Where the agent's SLF4J, which is its own relocated copy, writes to: standard error, a file, or the log of the
 * application, without touching anything the application may want to configure first (logging frameworks, time zone,
 * default locale).
 * {@code agent} chooses; everybody else sees a {@code Logger}, and may give it an {@link io.socketreaper.log.LogEvent}.
 */
@NullMarked
package io.socketreaper.log;

import org.jspecify.annotations.NullMarked;
