// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection so that the client can read what it was answered: a close while its bytes
 * still arrive makes the kernel send a reset, which throws the answer away at its end (RFC 9112,
 * section 9.6).
 */
final class Lingering {
  private static final long SECONDS = 1;

  private Lingering() {}

  static void close(Channel channel) {
    channel.config().setAutoRead(true);
    afterAnswer(channel, () -> endOutput(channel));
  }

  /** The same when the client said that it sends nothing more: nothing can cross the answer. */
  static void closeAtOnce(Channel channel) {
    Runnable end =
        () -> {
          var _ = channel.close();
        };
    afterAnswer(channel, end);
  }

  private static void afterAnswer(Channel channel, Runnable then) {
    channel.writeAndFlush(io.netty.buffer.Unpooled.EMPTY_BUFFER).addListener(written -> then.run());
  }

  private static void endOutput(Channel channel) {
    if (!channel.isOpen()) {
      return;
    }
    Runnable end =
        () -> {
          var _ = channel.close();
        };
    var timer = channel.eventLoop().schedule(end, SECONDS, TimeUnit.SECONDS);
    channel.closeFuture().addListener(closed -> timer.cancel(false));
    boolean secured = channel.pipeline().get(io.netty.handler.ssl.SslHandler.class) != null;
    if (!secured && channel instanceof DuplexChannel duplex) {
      var _ = duplex.shutdownOutput();
    } else {
      var _ = channel.close();
    }
  }
}
