// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.channel.Channel;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.TimeUnit;

/**
 * One channel's completions of io_uring, and with them a reason to write on that Netty 4.2.18
 * overlooks: it waits for room by a poll for POLLOUT. io_uring ends every poll of a socket whose
 * peer has ended its side, whatever it is for, and tells that (POLLRDHUP) instead of room; Netty
 * then takes the poll for still under way, and never writes again. So such an end is taken for room
 * a little later: by a poll that one cannot wait for.
 */
@SuppressWarnings("try") // Netty's close() throws what it likes
final class UringWrites implements IoUringIoHandle {
  /** As the kernel's interface has them (include/uapi/linux/io_uring.h, asm-generic/poll.h). */
  private static final byte OP_POLL_ADD = 6;

  private static final int POLLOUT = 0x4;
  private static final int POLLRDHUP = 0x2000;

  /** Until a peer that reads has made room. */
  private static final int SOON_MILLIS = 1;

  /** One that reads nothing is not asked for all the time: each write polls it 128 times. */
  private static final int LATE_MILLIS = 64;

  private final IoUringIoHandle channel;
  private final EventExecutor loop;
  private int pauseMillis = SOON_MILLIS;
  private boolean waits;

  UringWrites(IoUringIoHandle channel, EventExecutor loop) {
    this.channel = channel;
    this.loop = loop;
  }

  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    IoUringIoEvent completion = (IoUringIoEvent) event;
    boolean unclear = isEndInsteadOfRoom(completion);
    if (completion.opcode() != OP_POLL_ADD && completion.res() > 0) {
      pauseMillis = SOON_MILLIS;
    }
    channel.handle(registration, event);
    if (unclear && !waits && registration.isValid() && hasMore()) {
      waits = true;
      var _ = loop.schedule(() -> writeOn(registration), pauseMillis, TimeUnit.MILLISECONDS);
      pauseMillis = Math.min(2 * pauseMillis, LATE_MILLIS);
    }
  }

  private static boolean isEndInsteadOfRoom(IoUringIoEvent completion) {
    int events = completion.res();
    return completion.opcode() == OP_POLL_ADD
        && events > 0
        && (events & POLLRDHUP) != 0
        && (events & POLLOUT) == 0;
  }

  private boolean hasMore() {
    return channel instanceof Channel.Unsafe socket
        && socket.outboundBuffer() != null
        && !socket.outboundBuffer().isEmpty();
  }

  /** A channel that does not wait for room does nothing for it. */
  private void writeOn(IoRegistration registration) {
    waits = false;
    if (registration.isValid()) {
      channel.handle(registration, new IoUringIoEvent(POLLOUT, 0, OP_POLL_ADD, 0L));
    }
  }

  @Override
  public void registered() {
    channel.registered();
  }

  @Override
  public void unregistered() {
    channel.unregistered();
  }

  @Override
  public void close() throws Exception {
    channel.close();
  }
}
