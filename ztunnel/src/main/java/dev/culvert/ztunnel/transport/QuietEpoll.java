// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Netty's epoll with fewer system calls, and without two flaws that break connections of a proxy,
 * both in Netty 4.2.18.
 *
 * <p>What a channel wants to hear of changes several times while a batch of events is handled, and
 * many a channel is closed before the loop waits again: the kernel is told once, before it waits.
 *
 * <p>It takes a descriptor out of epoll when no event of it is wanted, which is so once its input
 * ended, but keeps it as added (netty#16689): the next write that must wait for room then fails
 * with ENOENT, and data is lost. Here it stays in, edge-triggered and for no event: errors wake
 * once, not for ever.
 *
 * <p>It finds the channel of an event by its descriptor only. Within one batch of events, the end
 * of one connection closes the other end's socket, the next connection is given the same number,
 * and then comes what was still to be said to the old one: a socket that is not even connected
 * reads, fails and is closed. Here what is registered during a batch hears nothing of that batch.
 */
final class QuietEpoll implements IoHandler {
  private static final Logger LOG = LoggerFactory.getLogger(QuietEpoll.class);

  private final IoHandler epoll;
  private final List<Registration> changed = new ArrayList<>();
  private long batch;

  private QuietEpoll(IoHandler epoll) {
    this.epoll = epoll;
  }

  static IoHandlerFactory factory() {
    IoHandlerFactory epoll = EpollIoHandler.newFactory();
    return new IoHandlerFactory() {
      @Override
      public IoHandler newHandler(ThreadAwareExecutor executor) {
        return new QuietEpoll(epoll.newHandler(executor));
      }

      @Override
      public boolean isChangingThreadSupported() {
        return epoll.isChangingThreadSupported();
      }
    };
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    EpollIoHandle known = (EpollIoHandle) handle;
    return new Registration(known, epoll.register(new Handle(known, batch)));
  }

  @Override
  public void initialize() {
    epoll.initialize();
  }

  @Override
  public int run(IoHandlerContext context) {
    batch++;
    if (!changed.isEmpty()) {
      tellChanges();
    }
    return epoll.run(context);
  }

  private void tellChanges() {
    for (int i = 0; i < changed.size(); i++) {
      changed.get(i).tell();
    }
    changed.clear();
  }

  @Override
  public void prepareToDestroy() {
    epoll.prepareToDestroy();
  }

  @Override
  public void destroy() {
    epoll.destroy();
  }

  @Override
  public void wakeup() {
    epoll.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> type) {
    return epoll.isCompatible(type);
  }

  @SuppressWarnings("try") // close() throws what Netty says it does
  private final class Handle implements EpollIoHandle {
    private final EpollIoHandle handle;
    private final long born;

    Handle(EpollIoHandle handle, long born) {
      this.handle = handle;
      this.born = born;
    }

    @Override
    public FileDescriptor fd() {
      return handle.fd();
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      if (born != batch) {
        handle.handle(registration, event);
      }
    }

    @Override
    public void registered() {
      handle.registered();
    }

    @Override
    public void unregistered() {
      handle.unregistered();
    }

    @Override
    public void close() throws Exception {
      handle.close();
    }
  }

  /** Used by one event loop; only {@link #cancel} may come from elsewhere. */
  private final class Registration implements IoRegistration {
    private final EpollIoHandle handle;
    private final IoRegistration registration;
    private IoOps wanted = EpollIoOps.NONE;
    private IoOps told = EpollIoOps.NONE;
    private boolean waits;

    Registration(EpollIoHandle handle, IoRegistration registration) {
      this.handle = handle;
      this.registration = registration;
    }

    @Override
    public long submit(IoOps ops) {
      boolean nothingAnyMore = EpollIoOps.NONE.equals(ops) && !EpollIoOps.NONE.equals(told);
      wanted = nothingAnyMore ? EpollIoOps.EPOLLET : ops;
      if (!waits) {
        waits = true;
        changed.add(this);
      }
      return 0;
    }

    void tell() {
      waits = false;
      if (wanted.equals(told) || !registration.isValid()) {
        return;
      }
      try {
        registration.submit(wanted);
        told = wanted;
      } catch (UncheckedIOException e) {
        LOG.warn(
            "descriptor {} is closed, epoll does not take it: {}", handle.fd(), e.getMessage());
        close();
      }
    }

    @SuppressWarnings("CatchingUnchecked") // whatever a channel throws, the loop goes on
    private void close() {
      try {
        handle.close();
      } catch (Exception e) {
        LOG.warn("descriptor {} could not be closed", handle.fd(), e);
      }
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // Netty's signature
    public <T> T attachment() {
      return registration.attachment();
    }

    @Override
    public boolean isValid() {
      return registration.isValid();
    }

    @Override
    public boolean cancel() {
      return registration.cancel();
    }
  }
}
