// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.FrameException;
import dev.culvert.ztunnel.hbone.frame.FrameReader;
import dev.culvert.ztunnel.hbone.frame.ReceiveWindow;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * What a tunnel receives: frames, batch by batch, bounded by the window of the connection, which
 * opens again by what goes on its way. On the tunnel's event loop.
 */
final class TunnelInput {
  private final FrameReader reader;
  private final TunnelOutput output;
  private final ReceiveWindow window;

  /** The streams that got data in this batch. */
  private final List<StreamInput> unread = new ArrayList<>();

  private boolean reading;
  private boolean stopped;

  TunnelInput(FrameReader reader, TunnelOutput output, int window) {
    this.reader = reader;
    this.output = output;
    this.window = new ReceiveWindow(window);
  }

  /** Whether a batch of reads goes on. */
  boolean isReading() {
    return reading;
  }

  /** Whether what comes in is looked at no more. */
  boolean isStopped() {
    return stopped;
  }

  /** Looks at nothing that comes in from now on, and gives no more window. */
  void stop() {
    stopped = true;
  }

  /** Takes what the connection brought, which it owns from now on. */
  void read(ByteBuf bytes) throws FrameException {
    reading = true;
    reader.read(bytes);
  }

  /** A stream got data and is to be told when the batch is over. */
  void unread(StreamInput stream) {
    unread.add(stream);
  }

  /** The batch is over. */
  void readComplete() {
    for (int i = 0; i < unread.size(); i++) {
      unread.get(i).batchOver();
    }
    unread.clear();
    reading = false;
  }

  /** Whether the peer may send so much on the connection. */
  boolean takeWindow(int bytes) {
    return window.take(bytes);
  }

  /**
   * Bytes of a stream went on their way: the peer may send as many again.
   *
   * @param grant what its stream's window gets now
   * @param bytes what the connection's window gets, now or later
   */
  void returnWindow(HboneStream stream, int grant, int bytes) {
    if (grant > 0) {
      update(stream.id(), grant);
    }
    returnWindow(bytes);
  }

  /** Bytes that belong to no stream went on their way. */
  void returnWindow(int bytes) {
    int grant = window.give(bytes);
    if (grant > 0) {
      update(0, grant);
    }
  }

  private void update(int stream, int grant) {
    if (!stopped) {
      output.writer().windowUpdate(stream, grant);
      output.flushSoon();
    }
  }

  void close() {
    reader.close();
  }
}
