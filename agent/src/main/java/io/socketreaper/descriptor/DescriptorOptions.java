package io.socketreaper.descriptor;

import java.io.FileDescriptor;
import java.io.IOException;

/** The options of a descriptor, by the JDK's own natives. */
public record DescriptorOptions(Kernel kernel, FileDescriptor descriptor) implements TcpOptions {
    @Override
    public int info() throws IOException {
        try {
            return kernel.tcpInfo(descriptor);
        } catch (Throwable failed) {
            throw failure(failed);
        }
    }

    @Override
    public int get(Option option) throws IOException {
        try {
            return kernel.intOption(descriptor, option.level, option.number);
        } catch (Throwable failed) {
            throw failure(failed);
        }
    }

    @Override
    public void set(Option option, int value) throws IOException {
        try {
            kernel.setIntOption(descriptor, option.level, option.number, value);
        } catch (Throwable failed) {
            throw failure(failed);
        }
    }

    private static IOException failure(Throwable failed) {
        return failed instanceof IOException known ? known : new IOException(failed);
    }
}
