// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ThreadAwareExecutor;

/**
 * Netty's io_uring without two flaws of Netty 4.2.18: one stops connections ({@link UringWrites}),
 * one overwrites memory at the end.
 *
 * <p>A loop is woken through an eventfd, which its ring reads into eight bytes. When the loop ends
 * it cancels that read and frees the bytes without waiting for the cancellation; but it has written
 * to the eventfd itself shortly before, so the read may be on its way, and the kernel writes a 1
 * into what is freed. glibc aborts the process, at some later time. Here the last step is left out:
 * channels are closed, the ring, its eventfd and its memory stay until the process ends. A proxy
 * ends its loops once, when it ends itself.
 */
final class QuietUring implements IoHandler {
  private final IoHandler uring;
  private final EventExecutor loop;

  private QuietUring(IoHandler uring, EventExecutor loop) {
    this.uring = uring;
    this.loop = loop;
  }

  static IoHandlerFactory factory() {
    IoHandlerFactory uring = IoUringIoHandler.newFactory();
    return new IoHandlerFactory() {
      @Override
      public IoHandler newHandler(ThreadAwareExecutor executor) {
        return new QuietUring(uring.newHandler(executor), (EventExecutor) executor);
      }

      @Override
      public boolean isChangingThreadSupported() {
        return uring.isChangingThreadSupported();
      }
    };
  }

  @Override
  public void initialize() {
    uring.initialize();
  }

  @Override
  public int run(IoHandlerContext context) {
    return uring.run(context);
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    return uring.register(new UringWrites((IoUringIoHandle) handle, loop));
  }

  @Override
  public void wakeup() {
    uring.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> type) {
    return uring.isCompatible(type);
  }

  /** Closes channels and waits for what was asked of the kernel. */
  @Override
  public void prepareToDestroy() {
    uring.prepareToDestroy();
  }

  /** Nothing: what the kernel may still write to must not be freed. */
  @Override
  public void destroy() {}
}
