// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.http.SmallParts;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * The bytes of an attempt's request: those that a backend does not take yet are not told to the
 * client as taken. On its event loop.
 */
final class RequestFlow {
  private final Exchange exchange;
  private final SmallParts small = new SmallParts();
  private int held;

  RequestFlow(Exchange exchange) {
    this.exchange = exchange;
  }

  void write(ByteBuf data, BackendStream to) {
    int bytes = data.readableBytes();
    if (!to.isWritable() && small.add(data)) {
      held += bytes;
      return;
    }
    sendSmall(to);
    to.write(data);
    if (to.isWritable()) {
      exchange.consumed(bytes);
    } else {
      held += bytes;
    }
  }

  private void sendSmall(BackendStream to) {
    ByteBuf parts = small.take();
    if (parts != null) {
      to.write(parts);
    }
  }

  void end(HttpHeaders trailers, BackendStream to) {
    sendSmall(to);
    to.end(trailers);
  }

  /** The backend takes more. */
  void writable(BackendStream to) {
    if (held == 0) {
      return;
    }
    sendSmall(to);
    to.flush();
    if (to.isWritable()) {
      int taken = held;
      held = 0;
      exchange.consumed(taken);
    }
  }

  /** Nobody takes more. */
  void release() {
    small.release();
  }
}
