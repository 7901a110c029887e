// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.transport.Half;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
 * A stream out of the pool and back, both ends of it, without TLS and sockets: what a new
 * connection costs in HTTP/2 when its tunnel is open already.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TunnelPoolBenchmark {
  private static final String BAGGAGE =
      "k8s.cluster.name=Kubernetes,k8s.namespace.name=shop,k8s.deployment.name=client,"
          + "service.name=client,service.version=v1";
  private static final InetSocketAddress TARGET =
      new InetSocketAddress(InetAddress.ofLiteral("198.18.2.3"), 8080);

  /** Streams that stay open in the same tunnel meanwhile. */
  @Param({"0", "90"})
  public int others;

  private final TunnelSettings settings = TunnelSettings.standard();
  private final TunnelKey key =
      HboneFrameBenchmark.key(new InetSocketAddress(TARGET.getAddress(), 15008));
  private final ConnectRequest request =
      new ConnectRequest(TARGET, BAGGAGE, "for=\"198.18.1.2:40000\"");
  private final EmbeddedChannel loopOwner = new EmbeddedChannel();
  private TunnelPool pool;
  private EmbeddedTunnel tunnel;
  private HboneStream client;
  private Half server;

  /** Dials the one tunnel, with the first stream. */
  @Setup
  public void fill() throws IOException {
    pool = new TunnelPool(loopOwner.eventLoop(), this::dial, 1);
    openAndClose();
    for (int i = 0; i < others; i++) {
      open();
    }
  }

  /** Closes both ends. */
  @TearDown
  public void close() {
    tunnel.close();
    loopOwner.finishAndReleaseAll();
  }

  /** Asked for, accepted, ended from both sides. */
  @Benchmark
  public HboneStream openAndClose() throws IOException {
    open();
    client.shutdownOutput();
    server.shutdownOutput();
    tunnel.exchange();
    return client;
  }

  private void open() throws IOException {
    client = null;
    pool.open(key, request, new Opened());
    tunnel.exchange();
    if (client == null) {
      throw new IOException("the stream did not open");
    }
  }

  private void dial(TunnelKey key, ClientTunnel.Owner owner, TunnelDialer.Result result) {
    if (tunnel != null) {
      throw new IllegalStateException("the tunnel that is open was not used");
    }
    ClientTunnel dialed = ClientTunnel.create(settings, key, owner);
    tunnel = new EmbeddedTunnel(dialed, ServerTunnel.create(settings, this::accept));
    result.connected(dialed);
  }

  private void accept(InboundConnect connect) {
    server = connect.accept(BAGGAGE);
    server.start(new Sink(server));
  }

  private final class Opened implements Opening {
    @Override
    public void opened(HboneStream stream) {
      client = stream;
      stream.start(new Sink(stream));
    }

    @Override
    public void failed(TunnelException cause) {
      throw new IllegalStateException(cause);
    }
  }
}
