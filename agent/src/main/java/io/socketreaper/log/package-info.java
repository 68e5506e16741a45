/**
 * Where the agent's SLF4J, which is its own relocated copy, writes to: standard error, without touching anything the
 * application may want to configure first (logging frameworks, time zone, default locale).
 */
package io.socketreaper.log;
