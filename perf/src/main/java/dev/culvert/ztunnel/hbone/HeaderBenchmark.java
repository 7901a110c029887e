// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.xds.Fleet;
import dev.culvert.ztunnel.xds.Workload;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The headers of a CONNECT: written once and read once for each new connection. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HeaderBenchmark {
  private AsciiString baggage;
  private AsciiString authority4;
  private AsciiString authority6;
  private AsciiString forwarded;
  private InetSocketAddress address;
  private Workload workload;

  /** What a peer sends, as Netty hands it over. */
  @Setup
  public void headers() {
    baggage =
        AsciiString.of(
            "k8s.cluster.name=Kubernetes,k8s.namespace.name=shop,k8s.deployment.name=web,"
                + "service.name=web,service.version=v1,cloud.region=eu-west,"
                + "cloud.availability_zone=eu-west-1");
    authority4 = AsciiString.of("198.18.2.10:8080");
    authority6 = AsciiString.of("[fd00:c01:2::a]:8080");
    forwarded = AsciiString.of("for=\"198.18.1.2:40000\";host=web.shop.svc.cluster.local");
    workload = Fleet.workload(Fleet.of(1), 0);
    address = new InetSocketAddress(InetAddress.ofLiteral("198.18.2.10"), 8080);
  }

  /** Reads the baggage. */
  @Benchmark
  public Baggage parseBaggage() {
    return Baggage.parse(baggage);
  }

  /** Reads an IPv4 authority. */
  @Benchmark
  public InetSocketAddress parseAuthority4() throws MalformedHeaderException {
    return Authority.parse(authority4);
  }

  /** Reads an IPv6 authority. */
  @Benchmark
  public InetSocketAddress parseAuthority6() throws MalformedHeaderException {
    return Authority.parse(authority6);
  }

  /** Writes what a workload says of itself. */
  @Benchmark
  public String formatBaggage() {
    return Baggage.format(workload);
  }

  /** Reads who is in front of the tunnel. */
  @Benchmark
  public Forwarded parseForwarded() {
    return Forwarded.parse(forwarded);
  }

  /** Writes who is in front of the tunnel. */
  @Benchmark
  public String formatForwarded() {
    return new Forwarded(Optional.of(address), Optional.of("web.shop.svc.cluster.local")).format();
  }

  /** Makes a trace. */
  @Benchmark
  public CharSequence freshTrace() {
    return TraceParent.fresh();
  }

  /** Writes an authority. */
  @Benchmark
  public String formatAuthority() {
    return Authority.format(address);
  }
}
