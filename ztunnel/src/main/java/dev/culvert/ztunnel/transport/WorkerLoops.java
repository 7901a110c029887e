// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.Executor;

/** Event loops that tell {@link LoopTurn} of each pass over what is ready. */
final class WorkerLoops extends MultiThreadIoEventLoopGroup {
  WorkerLoops(int threads, IoHandlerFactory ioHandlers) {
    super(threads, Thread.ofPlatform().daemon().name("worker-", 0).factory(), ioHandlers);
  }

  @Override
  protected IoEventLoop newChild(
      Executor executor, IoHandlerFactory ioHandlers, Object... arguments) {
    return new Loop(this, executor, ioHandlers);
  }

  private static final class Loop extends SingleThreadIoEventLoop {
    private LoopTurn turn;

    Loop(IoEventLoopGroup group, Executor executor, IoHandlerFactory ioHandlers) {
      super(group, executor, ioHandlers);
    }

    @Override
    protected int runIo() {
      if (turn == null) {
        turn = LoopTurn.current();
      }
      int handled = super.runIo();
      turn.over();
      return handled;
    }
  }
}
