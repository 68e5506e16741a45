package io.socketreaper.stack.counted;

import io.socketreaper.stack.HookCall;
import io.socketreaper.stack.HookTable;
import io.socketreaper.stack.StackWeaving;
import io.socketreaper.stack.WovenClass;

/**
 * A class of what is only counted. In Java the woven code amounts to
 *
 * <pre>{@code
 * EPollSelectorImpl(...) { ...; SocketReaperHook.opened(this); }
 * void implClose()       { ...; SocketReaperHook.released(true, this); }
 *
 * DatagramChannelImpl(...) { ...; SocketReaperHook.opened(this); }
 * boolean tryClose()       { ...; SocketReaperHook.released(result, this); return result; }
 * }</pre>
 *
 * No read and no write is woven.
 */
final class CountedWeaving extends StackWeaving {
    private final Counted counted;

    CountedWeaving(Counted counted) {
        this.counted = counted;
        ofJdk(counted.className().replace('.', '/')).tellsOfUse();
    }

    @Override
    protected void describe(WovenClass woven, HookTable table) {
        for (String constructor : counted.constructors()) {
            table.method("<init>".concat(constructor), HookCall.beforeReturn("opened"));
        }
        table.method(
                counted.closing(),
                counted.closing().endsWith("V") ? HookCall.releasedInAnyCase() : HookCall.released());
    }
}
