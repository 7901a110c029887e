// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.http.SmallParts;
import io.netty.buffer.ByteBuf;

/**
 * The bytes of an attempt's response: those that the client does not take yet are not told to the
 * backend as taken. On its event loop.
 */
final class ResponseFlow {
  private final Exchange exchange;
  private final SmallParts small = new SmallParts();
  private int held;

  ResponseFlow(Exchange exchange) {
    this.exchange = exchange;
  }

  void write(ByteBuf data, BackendStream from) {
    int bytes = data.readableBytes();
    if (!exchange.isWritable() && small.add(data)) {
      held += bytes;
      return;
    }
    sendSmall();
    exchange.write(data);
    if (exchange.isWritable()) {
      from.consumed(bytes);
    } else {
      held += bytes;
    }
  }

  /** Sends what waits, before the end at the latest. */
  void sendSmall() {
    ByteBuf parts = small.take();
    if (parts != null) {
      exchange.write(parts);
    }
  }

  /** The client takes more. */
  void writable(BackendStream from) {
    if (held == 0) {
      return;
    }
    sendSmall();
    exchange.flush();
    if (exchange.isWritable()) {
      int taken = held;
      held = 0;
      from.consumed(taken);
    }
  }

  /** Nobody takes more. */
  void release() {
    small.release();
  }
}
