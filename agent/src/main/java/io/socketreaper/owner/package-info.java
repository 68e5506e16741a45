/**
 * Who a socket belongs to, and therefore who closes it: closing a JDK channel under a framework that still has it
 * registered leaves the framework's own bookkeeping wrong for ever. Frameworks are recognised by class name, never a
 * dependency; one small file each, called by a claim in {@code socket}.
 */
package io.socketreaper.owner;
