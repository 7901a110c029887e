// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import dev.culvert.ztunnel.telemetry.ConnectionMeter;
import dev.culvert.ztunnel.telemetry.FlaggedFailure;
import dev.culvert.ztunnel.telemetry.Outcome;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.ChannelOutputShutdownException;

/**
 * Carries bytes between two ends until both are done: an end that is not written fast enough stops
 * the other's reads, a half-close stays a half-close, a reset stays a reset. On one event loop.
 */
public final class Relay {
  /** Flushes within a long batch: more would fill caches and buffers while the socket idles. */
  private static final int FLUSH_BYTES = 256 * 1024;

  private final Half client;
  private final Half server;
  private final ConnectionMeter meter;
  private final Runnable onEnd;
  private int outputsEnded;
  private boolean ended;

  private Relay(Half client, Half server, ConnectionMeter meter, Runnable onEnd) {
    this.client = client;
    this.server = server;
    this.meter = meter;
    this.onEnd = onEnd;
  }

  /**
   * Begins to carry. The meter is closed at the end.
   *
   * @param onEnd called once, after the end
   */
  public static Relay start(Half client, Half server, ConnectionMeter meter, Runnable onEnd) {
    Relay relay = new Relay(client, server, meter, onEnd);
    server.start(relay.new Way(server, client, "server", false));
    if (!relay.ended) {
      client.start(relay.new Way(client, server, "client", true));
    }
    return relay;
  }

  /** Resets both ends now. */
  public void abort(Outcome outcome) {
    if (!ended) {
      client.reset();
      server.reset();
      end(outcome);
    }
  }

  /** Netty wraps what went wrong with a write in "Channel output shutdown". */
  private static String describe(Throwable failure) {
    boolean wrapped =
        failure instanceof ChannelOutputShutdownException && failure.getCause() != null;
    Throwable cause = wrapped ? failure.getCause() : failure;
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  private void end(Outcome outcome) {
    ended = true;
    meter.close(outcome);
    onEnd.run();
  }

  /** One direction, and the events of the end it starts at. */
  private final class Way implements Half.Events {
    private final Half from;
    private final Half to;
    private final String name;
    private final boolean up;
    private int unflushed;

    Way(Half from, Half to, String name, boolean up) {
      this.from = from;
      this.to = to;
      this.name = name;
      this.up = up;
    }

    @Override
    public void data(ByteBuf data) {
      int bytes = data.readableBytes();
      count(bytes);
      to.write(data, from);
      unflushed += bytes;
      if (unflushed >= FLUSH_BYTES) {
        dataComplete();
      }
      if (!to.isWritable()) {
        from.readable(false);
      }
    }

    private void count(int bytes) {
      if (up) {
        meter.sent(bytes);
      } else {
        meter.received(bytes);
      }
    }

    @Override
    public void dataComplete() {
      if (unflushed > 0) {
        unflushed = 0;
        to.flush();
      }
    }

    @Override
    public void inputEnded() {
      to.shutdownOutput();
    }

    @Override
    public void outputEnded() {
      outputsEnded++;
      if (outputsEnded == 2 && !ended) {
        end(Outcome.clean());
      }
    }

    @Override
    public void writable() {
      to.readable(true);
    }

    @Override
    public void failed(Throwable cause) {
      if (!ended) {
        to.reset();
        end(Outcome.failed(FlaggedFailure.flagOf(cause), name + ": " + describe(cause)));
      }
    }
  }
}
