/**
 * What the status page and the HTML report look like: a {@link io.socketreaper.html.ReportModel} in, HTML out, every word of others
 * escaped, nothing loaded from anywhere. It knows records of {@code control} only, not where they come from nor who serves the page.
 * The status page and the command line call it; no class of it is loaded before.
 */
@NullMarked
package io.socketreaper.html;

import org.jspecify.annotations.NullMarked;
