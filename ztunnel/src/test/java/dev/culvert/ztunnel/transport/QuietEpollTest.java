// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class QuietEpollTest {
  private final List<String> heard = new ArrayList<>();
  private int oldNumber;
  private int newNumber = -1;

  @Test
  void descriptorReusedWithinABatchHearsNothingOfTheOldOne() throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, QuietEpoll.factory());
    try {
      IoEventLoop loop = group.next();
      CompletableFuture<Void> settled = new CompletableFuture<>();
      loop.execute(
          () -> {
            Signal first = new Signal("first", loop);
            Signal second = new Signal("second", loop);
            first.other = second;
            second.other = first;
            // Both are ready before the loop asks for events: they come in one batch.
            first.raise();
            second.raise();
            var _ = loop.schedule(() -> settled.complete(null), 200, TimeUnit.MILLISECONDS);
          });
      settled.get(10, TimeUnit.SECONDS);
    } finally {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
    assertEquals(oldNumber, newNumber, "the number was not reused, so nothing was tested");
    assertEquals(1, heard.size(), heard::toString);
    assertTrue(heard.contains("first") || heard.contains("second"), heard::toString);
  }

  /** The one that hears first closes the other, whose number then goes to a third. */
  private final class Signal implements EpollIoHandle {
    private final String name;
    private final IoEventLoop loop;
    private final FileDescriptor descriptor = Native.newEventFd();
    private final IoRegistration registration;
    private Signal other;

    Signal(String name, IoEventLoop loop) {
      this.name = name;
      this.loop = loop;
      registration = loop.register(this).getNow();
      registration.submit(EpollIoOps.valueOf(Native.EPOLLIN | Native.EPOLLET));
    }

    void raise() {
      Native.eventFdWrite(descriptor.intValue(), 1);
    }

    @Override
    public void handle(IoRegistration self, IoEvent event) {
      heard.add(name);
      if (other != null) {
        oldNumber = other.descriptor.intValue();
        other.close();
        newNumber = new Signal("third", loop).descriptor.intValue();
      }
    }

    @Override
    public FileDescriptor fd() {
      return descriptor;
    }

    @Override
    public void close() {
      try {
        registration.cancel();
        descriptor.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
