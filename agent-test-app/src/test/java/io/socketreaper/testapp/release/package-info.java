/** Leaks are found and released, healthy connections are not, whatever the stack. */
package io.socketreaper.testapp.release;
