// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

/** Both ends of a tunnel on the caller's thread, without sockets and TLS. */
final class EmbeddedTunnel implements AutoCloseable {
  private final EmbeddedChannel client;
  private final EmbeddedChannel server;

  /** Joins the two ends and lets them greet each other. */
  EmbeddedTunnel(ClientTunnel client, ServerTunnel server) {
    this.client = new EmbeddedChannel(client);
    this.server = new EmbeddedChannel(server);
    exchange();
  }

  /** What each end wrote becomes what the other reads, until both are silent. */
  void exchange() {
    while (move(client, server) + move(server, client) > 0) {
      Thread.onSpinWait();
    }
  }

  /** Gives the client bytes as if its peer had sent them. */
  void arriveAtClient(ByteBuf bytes) {
    client.writeInbound(bytes);
  }

  /** Gives the server bytes as if its peer had sent them. */
  void arriveAtServer(ByteBuf bytes) {
    server.writeInbound(bytes);
  }

  /** Takes what the client wrote and throws it away; how many bytes it was. */
  int dropFromClient() {
    return drop(client);
  }

  /** Takes what the server wrote and throws it away; how many bytes it was. */
  int dropFromServer() {
    return drop(server);
  }

  /** Takes what the client wrote, in one buffer. */
  ByteBuf takeFromClient() {
    client.runPendingTasks();
    ByteBuf all = Unpooled.directBuffer();
    for (ByteBuf part = client.readOutbound(); part != null; part = client.readOutbound()) {
      all.writeBytes(part);
      part.release();
    }
    return all;
  }

  @Override
  public void close() {
    client.finishAndReleaseAll();
    server.finishAndReleaseAll();
  }

  private static int move(EmbeddedChannel from, EmbeddedChannel to) {
    from.runPendingTasks();
    int moved = 0;
    for (ByteBuf part = from.readOutbound(); part != null; part = from.readOutbound()) {
      moved += part.readableBytes();
      to.writeInbound(part);
    }
    return moved;
  }

  private static int drop(EmbeddedChannel from) {
    from.runPendingTasks();
    int dropped = 0;
    for (ByteBuf part = from.readOutbound(); part != null; part = from.readOutbound()) {
      dropped += part.readableBytes();
      part.release();
    }
    return dropped;
  }
}
