package io.socketreaper.config;

import org.jspecify.annotations.Nullable;

/**
 * A range of addresses that share their first bits. Reads literals only, by itself, because the JDK's own parsing would
 * initialise name resolution before the application can configure it.
 */
final class AddressBlock {
    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;
    /** Bits of an IPv6 address before the IPv4 address that it maps. */
    private static final int MAPPED_BITS = 96;

    private final byte[] address;
    private final int bits;

    private AddressBlock(byte[] address, int bits) {
        this.address = address;
        this.bits = bits;
    }

    /** Reads {@code 10.0.0.1}, {@code 10.0.0.0/8}, {@code [::1]} or {@code [2001:db8::]/32}. */
    static AddressBlock parse(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        byte[] address = literal.startsWith("[") ? bracketed(literal) : v4(literal);
        int width = address.length * Byte.SIZE;
        int bits = width;
        if (slash >= 0) {
            bits = number(text.substring(slash + 1), width);
            if (bits < 0) {
                throw new IllegalArgumentException("its prefix length is not a number from 0 to " + width);
            }
        }
        byte[] plain = plain(address);
        if (plain.length == address.length) {
            return new AddressBlock(address, bits);
        }
        if (bits < MAPPED_BITS) {
            throw new IllegalArgumentException(
                    "an IPv4-mapped address needs a prefix length of at least " + MAPPED_BITS);
        }
        return new AddressBlock(plain, bits - MAPPED_BITS);
    }

    /** The first address of the block as it was written, 4 or 16 bytes. Not to be changed. */
    byte[] address() {
        return address;
    }

    /** Whether an address of 4 or 16 bytes is in the block; an IPv4-mapped IPv6 address counts as IPv4, an unknown one is in none. */
    boolean contains(byte @Nullable [] candidate) {
        if (candidate == null) {
            return false;
        }
        byte[] other = plain(candidate);
        if (other.length != address.length) {
            return false;
        }
        int whole = bits / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (other[i] != address[i]) {
                return false;
            }
        }
        int rest = Byte.SIZE - bits % Byte.SIZE;
        return rest == Byte.SIZE || (other[whole] & 0xff) >> rest == (address[whole] & 0xff) >> rest;
    }

    /** The decimal number that the text consists of, or -1 if it is anything else or above {@code max}, at most 65535. */
    static int number(String text, int max) {
        if (text.isEmpty() || text.length() > 5) {
            return -1;
        }
        int number = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = number * 10 + c - '0';
        }
        return number <= max ? number : -1;
    }

    /** The IPv4 address inside an IPv4-mapped IPv6 address; any other address as it is. */
    private static byte[] plain(byte[] address) {
        if (address.length != V6_BYTES || address[10] != -1 || address[11] != -1) {
            return address;
        }
        for (int i = 0; i < 10; i++) {
            if (address[i] != 0) {
                return address;
            }
        }
        return new byte[] {address[12], address[13], address[14], address[15]};
    }

    private static byte[] bracketed(String literal) {
        if (!literal.endsWith("]")) {
            throw new IllegalArgumentException("only a prefix length or a port may follow the brackets");
        }
        byte[] address = v6(literal.substring(1, literal.length() - 1));
        if (address == null) {
            throw new IllegalArgumentException("the text in brackets is not an IPv6 address");
        }
        return address;
    }

    private static byte[] v4(String text) {
        var address = new byte[V4_BYTES];
        if (!putV4(text, address, 0)) {
            throw new IllegalArgumentException(
                    "it has no IPv4 address of the form 10.1.2.3 (host names are not resolved)");
        }
        return address;
    }

    /** Writes a dotted quad; refuses leading zeros, which some programs read as octal. */
    private static boolean putV4(String text, byte[] into, int at) {
        int start = 0;
        for (int i = 0; i < V4_BYTES; i++) {
            int end = i == V4_BYTES - 1 ? text.length() : text.indexOf('.', start);
            if (end < start) {
                return false;
            }
            String part = text.substring(start, end);
            int number = number(part, 255);
            if (number < 0 || part.length() > 1 && part.charAt(0) == '0') {
                return false;
            }
            into[at + i] = (byte) number;
            start = end + 1;
        }
        return true;
    }

    /** The bytes of an IPv6 literal, or null if it is none. */
    private static byte @Nullable [] v6(String text) {
        int gap = text.indexOf("::");
        var address = new byte[V6_BYTES];
        if (gap < 0) {
            return putGroups(text, address) == V6_BYTES ? address : null;
        }
        var tail = new byte[V6_BYTES];
        int headBytes = gap == 0 ? 0 : putGroups(text.substring(0, gap), address);
        String after = text.substring(gap + 2);
        int tailBytes = after.isEmpty() ? 0 : putGroups(after, tail);
        boolean v4InHead = text.lastIndexOf('.', gap) >= 0;
        if (headBytes < 0 || tailBytes < 0 || v4InHead || headBytes + tailBytes > V6_BYTES - 2) {
            return null;
        }
        System.arraycopy(tail, 0, address, V6_BYTES - tailBytes, tailBytes);
        return address;
    }

    /** Writes groups separated by single colons, the last of which may be a dotted quad; returns the bytes written or -1. */
    private static int putGroups(String text, byte[] into) {
        int at = 0;
        int start = 0;
        while (start <= text.length()) {
            int colon = text.indexOf(':', start);
            int end = colon < 0 ? text.length() : colon;
            String group = text.substring(start, end);
            if (colon < 0 && group.indexOf('.') >= 0) {
                return at + V4_BYTES <= V6_BYTES && putV4(group, into, at) ? at + V4_BYTES : -1;
            }
            int value = hex(group);
            if (value < 0 || at + 2 > V6_BYTES) {
                return -1;
            }
            into[at++] = (byte) (value >> Byte.SIZE);
            into[at++] = (byte) value;
            start = end + 1;
        }
        return at;
    }

    private static int hex(String group) {
        if (group.isEmpty() || group.length() > 4) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < group.length(); i++) {
            char c = group.charAt(i);
            int digit = c < 128 ? Character.digit(c, 16) : -1; // other scripts have digits too
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }
}
