/**
 * The running agent as MBeans: {@code io.socketreaper:type=SocketReaper}, and one for each leak site. A client needs
 * no class of the agent: they consist of open types, and their exceptions are the JDK's. The package is loaded when the platform
 * MBean server exists.
 */
@NullMarked
package io.socketreaper.jmx;

import org.jspecify.annotations.NullMarked;
