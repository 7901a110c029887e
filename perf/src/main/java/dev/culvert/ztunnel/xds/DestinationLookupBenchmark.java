// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import java.net.InetAddress;
import java.net.UnknownHostException;
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

/** Who has an address, among 100,000 workloads: asked once or twice for each new connection. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DestinationLookupBenchmark {
  private static final int WORKLOADS = 100_000;

  private MeshStore store;
  private InetAddress[] known;
  private InetAddress stranger;
  private int next;

  /** Fills a store as the control plane would. */
  @Setup
  public void fill() throws UnknownHostException {
    store = Fleet.of(WORKLOADS);
    known = new InetAddress[1024];
    for (int i = 0; i < known.length; i++) {
      known[i] = Fleet.address(i * 97);
    }
    stranger = InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 1});
  }

  /** Addresses of workloads, one after another, so that the processor's caches do not hold all. */
  @Benchmark
  public Optional<Workload> known() {
    return store.workload(known[next++ & 1023]);
  }

  /** An address that nobody has. */
  @Benchmark
  public Optional<Workload> stranger() {
    return store.workload(stranger);
  }
}
