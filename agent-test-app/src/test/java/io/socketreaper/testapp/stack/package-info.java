/** What woven code tells of the socket stacks of the JDK. */
package io.socketreaper.testapp.stack;
