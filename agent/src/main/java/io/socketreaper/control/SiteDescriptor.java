package io.socketreaper.control;

/**
 * An open socket of a site, or a selector and the like, by its descriptor.
 *
 * @param descriptor its number; the first one of a selector
 * @param inode      the kernel's number of the socket, 0 if unknown
 * @param state      its {@link io.socketreaper.model.OpenState}, as {@code CLOSE_WAIT} or {@code selector}
 * @param id         {@link SocketInfo#id}; -1 if it shows no sign of a leak
 */
public record SiteDescriptor(int descriptor, long inode, String state, long id) {}
