package io.socketreaper.stack.netty;

import io.socketreaper.stack.HookCall;
import io.socketreaper.stack.WovenMethod;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import sun.nio.ch.SocketReaperHook;

/** The calls that are put into one class of Netty: each tells the {@link PlantedHook} beside it of an event, by its number. */
final class PlantedCalls {
    /** The channel's field that holds its socket. */
    static final String SOCKET = "socket";
    /** By which an inner class knows the object it belongs to. */
    static final String OUTER = "this$0";

    private final String className;
    private final String planted;

    /** @param className internal name of the class that is woven */
    PlantedCalls(String className) {
        this.className = className;
        this.planted = PlantedHook.beside(className);
    }

    /** Internal name of the class of a channel's socket, which is in the same package. */
    String socketType() {
        return className.substring(0, className.lastIndexOf('/')) + "/LinuxSocket";
    }

    /** Of the channel on the stack. */
    private WovenMethod isOutputShut(WovenMethod method, String channel) {
        return method.fieldOf(channel, SOCKET, "L" + socketType() + ";")
                .invoke(socketType(), "isOutputShutdown", "()Z");
    }

    /** With the channel on the stack, and the event's number above it. */
    private void tell(WovenMethod method) {
        method.invokeStatic(planted, PlantedHook.EVENT, PlantedHook.EVENT_TYPE);
    }

    private void tell(WovenMethod method, int event) {
        tell(method.object(0).constant(event));
    }

    /** {@code SocketReaperHook.event(this, EVENT)} at the entry. */
    HookCall atEntry(int event) {
        return new HookCall(2) {
            @Override
            protected void atEntry(WovenMethod method) {
                tell(method, event);
            }
        };
    }

    /** {@code if (socket.isOutputShutdown()) SocketReaperHook.event(this, EVENT)} at the entry. */
    HookCall whenOutputShut(int event) {
        return new HookCall(2) {
            @Override
            protected void atEntry(WovenMethod method) {
                var healthy = new Label();
                isOutputShut(method.object(0), className).jump(Opcodes.IFEQ, healthy);
                tell(method, event);
                method.target(healthy);
            }
        };
    }

    /** {@code SocketReaperHook.event(this, EVENT)} before every normal return. */
    HookCall beforeReturn(int event) {
        return new BeforeReturn(event);
    }

    /** The same for constructors, but for those that call another one of the class. */
    HookCall afterConstruction(int event) {
        return new BeforeReturn(event) {
            @Override
            protected MethodVisitor into(MethodVisitor written, String owner, int access, String descriptor) {
                return new WovenMethod(written, owner, this) {
                    private boolean byAnother;

                    @Override
                    public void visitMethodInsn(
                            int opcode, String type, String name, String takes, boolean ofInterface) {
                        byAnother |= name.equals("<init>") && type.equals(owner);
                        super.visitMethodInsn(opcode, type, name, takes, ofInterface);
                    }

                    @Override
                    public void visitInsn(int opcode) {
                        if (byAnother) {
                            mv.visitInsn(opcode);
                        } else {
                            super.visitInsn(opcode);
                        }
                    }
                };
            }
        };
    }

    private class BeforeReturn extends HookCall {
        private final int event;

        BeforeReturn(int event) {
            super(2);
            this.event = event;
        }

        @Override
        protected void beforeReturn(WovenMethod method, int opcode) {
            tell(method, event);
        }
    }

    /** {@code SocketReaperHook.event(result, EVENT)} before every return of an object. */
    HookCall withResult(int event) {
        return new HookCall(2) {
            @Override
            protected void beforeReturn(WovenMethod method, int opcode) {
                tell(method.instruction(Opcodes.DUP).constant(event));
            }
        };
    }

    /** Before every return of the count that was read by epoll's channel. */
    HookCall readOfEpoll(boolean all) {
        return new Read(all, 0) {
            @Override
            protected void beforeReturn(WovenMethod method, int opcode) {
                method.instruction(Opcodes.DUP).object(0).instruction(Opcodes.SWAP);
                tellOfRead(method, className);
            }

            @Override
            WovenMethod channel(WovenMethod method) {
                return method.object(0);
            }
        };
    }

    /** At the entry of io_uring's completion, whose second argument is what the kernel returned. */
    HookCall readOfUring(boolean all) {
        String channelClass = className.substring(0, className.indexOf('$'));
        return new Read(all, SocketReaperHook.ZERO_IS_END) {
            private static final int RESULT = 2;

            @Override
            protected void atEntry(WovenMethod method) {
                channel(method).number(RESULT);
                tellOfRead(method, channelClass);
            }

            @Override
            WovenMethod channel(WovenMethod method) {
                return method.field(OUTER, "L" + channelClass + ";");
            }
        };
    }

    /**
     * {@code SocketReaperHook.event(channel, NATIVE_READ + signum(count) + (channel.socket.isOutputShutdown() ? OUTPUT_SHUT : 0))},
     * without a branch, so that no frame is needed.
     */
    private abstract class Read extends HookCall {
        private final int constant;

        Read(boolean all, int endOfInput) {
            super(4);
            constant = SocketReaperHook.NATIVE_READ + endOfInput + (all ? SocketReaperHook.ALL : 0);
        }

        /** Puts the channel on the stack. */
        abstract WovenMethod channel(WovenMethod method);

        /** The channel is on the stack, and above it what the kernel returned. */
        final void tellOfRead(WovenMethod method, String channelClass) {
            method.invokeStatic("java/lang/Integer", "signum", "(I)I")
                    .constant(constant)
                    .instruction(Opcodes.IADD);
            isOutputShut(channel(method), channelClass)
                    .instruction(Opcodes.ICONST_2)
                    .instruction(Opcodes.ISHL)
                    .instruction(Opcodes.IADD);
            tell(method);
        }
    }
}
