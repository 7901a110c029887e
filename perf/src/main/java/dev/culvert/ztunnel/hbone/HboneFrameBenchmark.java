// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.ztunnel.transport.Half;
import dev.culvert.ztunnel.transport.PodSockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The bytes of one batch through the HTTP/2 of an open stream, without TLS and sockets: framing and
 * flow control of the end that writes, of the end that reads, and of both together.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HboneFrameBenchmark {
  /** A peer gives room again once half of a stream's 4 MiB is used; this divides by each size. */
  private static final int GRANT = 1 << 20;

  private static final int WINDOW_UPDATE = 8;

  /** Bytes of one write: what a batch of reads may hold. */
  @Param({"16384", "65536", "262144"})
  public int bytes;

  private EmbeddedTunnel tunnel;
  private HboneStream stream;
  private Sink app;
  private ByteBuf data;
  private ByteBuf frames;
  private ByteBuf grant;
  private int ungranted;

  /** Opens a tunnel and a stream in it. */
  @Setup
  public void open() {
    TunnelSettings settings = TunnelSettings.standard();
    InetSocketAddress peer = new InetSocketAddress(InetAddress.ofLiteral("198.18.2.3"), 15008);
    ClientTunnel client = ClientTunnel.create(settings, key(peer), new NoOwner());
    tunnel = new EmbeddedTunnel(client, ServerTunnel.create(settings, this::accept));
    client.open(new ConnectRequest(peer, "", ""), new Opened());
    tunnel.exchange();
    data = Unpooled.directBuffer(bytes).writeZero(bytes);
    send();
    frames = tunnel.takeFromClient();
    tunnel.arriveAtServer(frames.retainedDuplicate());
    grant = Unpooled.directBuffer();
    windowUpdate(stream.id());
    windowUpdate(0);
  }

  /** Closes both ends. */
  @TearDown
  public void close() {
    tunnel.close();
    data.release();
    frames.release();
    grant.release();
  }

  /** From the relay's write until the frames are handed to TLS. */
  @Benchmark
  public int write() {
    send();
    int framed = tunnel.dropFromClient();
    ungranted += bytes;
    if (ungranted >= GRANT) {
      ungranted = 0;
      tunnel.arriveAtClient(grant.retainedDuplicate());
    }
    return framed;
  }

  /** From the bytes that TLS decrypted until the relay's other end has taken them. */
  @Benchmark
  public int read() throws IOException {
    long before = app.taken();
    tunnel.arriveAtServer(frames.retainedDuplicate());
    check(before);
    return tunnel.dropFromServer();
  }

  /** Both, with the window that the reader gives back. */
  @Benchmark
  public long writeAndRead() throws IOException {
    long before = app.taken();
    send();
    tunnel.exchange();
    check(before);
    return before;
  }

  private void send() {
    stream.write(data.retainedDuplicate(), app);
    stream.flush();
  }

  private void check(long before) throws IOException {
    if (app.taken() - before != bytes) {
      throw new IOException("%d of %d bytes arrived".formatted(app.taken() - before, bytes));
    }
  }

  private void accept(InboundConnect connect) {
    Half half = connect.accept("");
    app = new Sink(half);
    half.start(app);
  }

  /** RFC 9113 section 6.9. */
  private void windowUpdate(int streamId) {
    grant.writeMedium(Integer.BYTES).writeByte(WINDOW_UPDATE).writeByte(0);
    grant.writeInt(streamId).writeInt(GRANT);
  }

  static TunnelKey key(InetSocketAddress peer) {
    TrustDomain domain = new TrustDomain("cluster.local");
    return new TunnelKey(
        new PodSockets(null, null, null, null),
        SpiffeId.workload(domain, "shop", "client"),
        peer,
        Set.of(SpiffeId.workload(domain, "shop", "web")));
  }

  private static final class NoOwner implements ClientTunnel.Owner {
    @Override
    public void roomMade(ClientTunnel tunnel) {}

    @Override
    public void told(int maxStreams) {}

    @Override
    public void retired(ClientTunnel tunnel) {}
  }

  private final class Opened implements ClientTunnel.Answer {
    @Override
    public void opened(HboneStream opened) {
      stream = opened;
      stream.start(new Sink(opened));
    }

    @Override
    public void failed(TunnelException cause) {
      throw new IllegalStateException(cause);
    }

    @Override
    public void unprocessed(TunnelException cause) {
      throw new IllegalStateException(cause);
    }
  }
}
