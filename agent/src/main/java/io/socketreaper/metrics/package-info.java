/**
 * The agent's figures for Prometheus: which metrics there are, and how they are made of what {@link
 * io.socketreaper.control.Control} answers. Served by an {@link io.socketreaper.http.HttpOutlet}; its classes are loaded
 * only if {@code metrics} is set.
 */
@NullMarked
package io.socketreaper.metrics;

import org.jspecify.annotations.NullMarked;
