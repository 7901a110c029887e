// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.transport.Half;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A resolver asked over TCP (RFC 7766), on a connection of its own. It stands where the app's
 * socket does in other connections of the pod.
 */
final class StreamAttempt implements Attempt, Half {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int LENGTH_BYTES = 2;

  private final Forwarder forwarder;
  private final DnsQuery query;
  private final InetSocketAddress resolver;
  private final Outcome outcome;
  private final int id = RANDOM.nextInt(0x10000);
  private final long began = System.nanoTime();

  /** The length and what followed it until now. */
  private byte[] received = new byte[LENGTH_BYTES];

  private int bytes;
  private Future<?> patience;
  private Events events;
  private boolean ended;
  private boolean outputEnded;

  StreamAttempt(Forwarder forwarder, DnsQuery query, InetSocketAddress resolver, Outcome outcome) {
    this.forwarder = forwarder;
    this.query = query;
    this.resolver = resolver;
    this.outcome = outcome;
  }

  @Override
  public void begin() {
    forwarder.sent();
    patience =
        forwarder.loop().schedule(this::fail, forwarder.timeoutNanos(), TimeUnit.NANOSECONDS);
    forwarder.upstream().connect(forwarder.loop(), resolver, this);
  }

  @Override
  public void start(Events events) {
    this.events = events;
    if (ended) {
      breakOff();
      return;
    }
    byte[] packet = query.upstream(id);
    byte[] length = ByteBuffer.allocate(LENGTH_BYTES).putShort((short) packet.length).array();
    events.data(Unpooled.wrappedBuffer(length, packet));
    events.dataComplete();
  }

  @Override
  public void write(ByteBuf data, Half from) {
    int count = data.readableBytes();
    while (!ended && data.isReadable()) {
      take(data);
    }
    data.release();
    if (from.countsWritten()) {
      from.written(count);
    }
  }

  private void take(ByteBuf data) {
    int wanted = Math.min(data.readableBytes(), received.length - bytes);
    data.readBytes(received, bytes, wanted);
    bytes += wanted;
    if (bytes == LENGTH_BYTES && received.length == LENGTH_BYTES) {
      received = Arrays.copyOf(received, LENGTH_BYTES + DnsMessage.u16(received, 0));
    }
    if (bytes == received.length) {
      complete(Arrays.copyOfRange(received, LENGTH_BYTES, received.length));
    }
  }

  private void complete(byte[] message) {
    Optional<ResolverAnswer> answer = ResolverAnswer.read(message, query, id);
    if (answer.isEmpty()) {
      fail();
    } else if (end()) {
      forwarder.answeredAfter(System.nanoTime() - began);
      // The resolver closes when it sees that no more queries come; it may take its time.
      events.inputEnded();
      patience = forwarder.loop().schedule(this::breakOff, 1, TimeUnit.SECONDS);
      outcome.answered(answer.get());
    }
  }

  private void fail() {
    if (end()) {
      forwarder.unanswered();
      breakOff();
      outcome.failed();
    }
  }

  @Override
  public void cancel() {
    if (end()) {
      breakOff();
    }
  }

  private boolean end() {
    if (ended) {
      return false;
    }
    ended = true;
    patience.cancel(false);
    return true;
  }

  private void breakOff() {
    if (events != null && !outputEnded) {
      outputEnded = true;
      events.failed(new IOException("the DNS proxy needs it no more"));
    }
  }

  @Override
  public void shutdownOutput() {
    if (outputEnded) {
      return;
    }
    outputEnded = true;
    patience.cancel(false);
    events.outputEnded();
    if (!ended) {
      events.inputEnded();
      fail();
    }
  }

  @Override
  public void reset() {
    outputEnded = true;
    patience.cancel(false);
    forwarder.loop().execute(this::fail);
  }

  @Override
  public void flush() {}

  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public void readable(boolean wanted) {}

  @Override
  public boolean countsWritten() {
    return false;
  }

  @Override
  public void written(int count) {}
}
