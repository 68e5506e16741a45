/**
 * The running agent as MBeans: {@code io.socketreaper:type=SocketReaper}, and one for each leak site. Whoever reads them needs
 * no class of ours: they consist of open types, and what they throw is the JDK's. Nothing here is loaded before the platform
 * MBean server is there.
 */
@NullMarked
package io.socketreaper.jmx;

import org.jspecify.annotations.NullMarked;
