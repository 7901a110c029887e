// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.xds.Fleet;
import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.xds.Workload;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetSocketAddress;
import java.time.Duration;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.slf4j.LoggerFactory;

/** What reporting one connection costs: counting it, and its line in the access log. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ConnectionTelemetryBenchmark {
  private static final Verdict ALLOWED =
      new Verdict.Allow(Optional.of(new PolicyKey("shop", "allow-client")));

  private final Logger logger = (Logger) LoggerFactory.getLogger("access");
  private final AccessLine line = new AccessLine();
  private Level before;
  private ConnectionTelemetry telemetry;
  private ConnectionInfo info;
  private AccessEntry entry;

  /** Two pods; the log is off, because its thread is not what is measured. */
  @Setup
  public void start() {
    before = logger.getLevel();
    logger.setLevel(Level.OFF);
    telemetry =
        new ConnectionTelemetry(
            new SimpleMeterRegistry(),
            LogFormat.TEXT,
            new SeriesLimits(10_000, Duration.ofMinutes(15)));
    MeshStore mesh = Fleet.of(2);
    Workload client = Fleet.workload(mesh, 0);
    Workload server = Fleet.workload(mesh, 1);
    InetSocketAddress at = new InetSocketAddress(Fleet.address(1), 8080);
    info =
        new ConnectionInfo(
            Direction.OUTBOUND,
            Security.MUTUAL_TLS,
            new InetSocketAddress(Fleet.address(0), 40000),
            at,
            at,
            Optional.of(new InetSocketAddress(at.getAddress(), 15008)),
            Optional.of(client),
            Optional.of(server),
            Optional.empty(),
            Optional.of(client.identity()),
            Optional.of(server.identity()));
    entry = AccessEntry.refused(info, Outcome.clean());
  }

  /** Ends the log's thread. */
  @TearDown
  public void stop() {
    telemetry.close();
    logger.setLevel(before);
  }

  /** On the event loop: opened, some bytes, judged, closed. */
  @Benchmark
  public ConnectionMeter openAndClose() {
    ConnectionMeter meter = telemetry.open(info);
    meter.sent(84);
    meter.received(358);
    meter.decided(ALLOWED);
    meter.close(Outcome.clean());
    return meter;
  }

  /** On the log's thread: one line of text. */
  @Benchmark
  public String line() {
    return line.of(entry);
  }
}
