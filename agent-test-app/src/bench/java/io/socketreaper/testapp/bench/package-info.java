/** What the agent costs: paired measurements, with and without it in turn, in one run. */
package io.socketreaper.testapp.bench;
