// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.linux;

import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.nio.channels.SocketChannel;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to make a socket in a pod's network namespace, beside making one where the thread
 * is.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class NetworkNamespaceBenchmark {
  private NetworkNamespace namespace;

  /** Opens the namespace. */
  @Setup
  public void open() throws IOException {
    namespace = NetworkNamespace.current();
  }

  /** Closes it. */
  @TearDown
  public void close() {
    namespace.close();
  }

  /** There and back. */
  @Benchmark
  public Boolean enterAndReturn() throws Exception {
    return namespace.call(() -> Boolean.TRUE);
  }

  /** A TCP socket made inside. */
  @Benchmark
  public void socketInside() throws Exception {
    namespace.call(SocketChannel::open).close();
  }

  /** A TCP socket made where the thread is. */
  @Benchmark
  public void socketHere() throws IOException {
    SocketChannel.open().close();
  }
}
