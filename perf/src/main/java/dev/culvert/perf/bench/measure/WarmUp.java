// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.cli.lab.Await;
import dev.culvert.perf.bench.lane.AddedPolicy;
import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.lane.Wire;
import dev.culvert.perf.bench.site.Proxies;
import dev.culvert.perf.bench.site.Service;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Finds out whether a lane works, then drives it as it will be, without taking figures: once, and a
 * JVM until its compilers are nearly idle. A proxy runs for weeks; its first minute is no measure.
 *
 * @param passes at most
 * @param onlyJvms whether other lanes need only work
 * @param loads what a pass does
 */
public record WarmUp(int passes, boolean onlyJvms, List<Measurement> loads) implements Measurement {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Of the proxies' processor time in a pass. */
  private static final double IDLE = 0.05;

  /**
   * For lanes that carry bytes. Each service is reached once: a connection that goes straight only
   * does so from the second. All that will be measured is driven: a way that the code did not take
   * before, such as that of streams which wait for each other, has a JVM compile it anew.
   *
   * @param seconds of each of the heavy loads of a pass
   * @param streams of each bulk transfer of a pass
   */
  public static WarmUp tunnels(int seconds, int passes, int... streams) {
    Stream<Measurement> bulk = IntStream.of(streams).mapToObj(each -> new Bulk(each, seconds, 1));
    Stream<Measurement> others =
        Stream.of(
            new KeptConnections(64, seconds), new NewConnections(seconds), new RoundTrip(64, 1));
    return new WarmUp(passes, false, Stream.concat(bulk, others).toList());
  }

  /**
   * The same in seconds, for JVMs: what is no JVM is as fast as it will be.
   *
   * @param streams of the bulk transfer of a pass
   */
  public static WarmUp brief(int passes, int streams) {
    return new WarmUp(
        passes,
        true,
        List.of(
            new Bulk(streams, 1, 0),
            new KeptConnections(64, 1),
            new NewConnections(1),
            new RoundTrip(64, 1)));
  }

  /**
   * For front doors. To take a connection and to end it is code of its own, which requests on kept
   * connections leave cold.
   *
   * @param seconds of each load of a pass
   */
  public static WarmUp doors(int seconds, int passes) {
    Stream<Measurement> plain =
        Stream.concat(
            Arrays.stream(Wire.values()).map(wire -> new DoorRequests(wire, seconds)),
            Stream.of(new NewConnections(seconds)));
    // A second is too short for 64 proofs of a token by a JVM that has just begun.
    Stream<Measurement> policies =
        Arrays.stream(AddedPolicy.values()).map(policy -> new PolicyCost(policy, 1, 2));
    return new WarmUp(passes, false, Stream.concat(plain, policies).toList());
  }

  @Override
  public String title() {
    return "warm-up";
  }

  @Override
  public void run(OpenLane lane, Figures figures) throws IOException {
    String url = "http://%s/64".formatted(lane.to(Service.HTTP));
    Await.until(url + " answers", PATIENCE, () -> answers(lane, url));
    boolean settled = onlyJvms && !isJvm(lane);
    for (int pass = 1; pass <= passes && !settled; pass++) {
      settled = settles(lane);
    }
  }

  private static boolean isJvm(OpenLane lane) throws IOException {
    return lane.proxies().isPresent() && lane.proxies().get().isJvm();
  }

  /** Drives it for a pass. */
  private boolean settles(OpenLane lane) throws IOException {
    Duration cpu = Duration.ZERO;
    Duration compiling = Duration.ZERO;
    if (lane.proxies().isPresent()) {
      cpu = lane.proxies().get().cpu();
      compiling = lane.proxies().get().compiling();
    }
    drive(lane);
    return lane.proxies().isEmpty() || share(lane.proxies().get(), cpu, compiling) < IDLE;
  }

  private static double share(Proxies proxies, Duration cpu, Duration compiling)
      throws IOException {
    double compiled = proxies.compiling().minus(compiling).toMillis();
    return compiled / Math.max(1, proxies.cpu().minus(cpu).toMillis());
  }

  private void drive(OpenLane lane) throws IOException {
    for (Measurement load : loads) {
      if (load.appliesTo(lane)) {
        load.run(lane, (metric, value) -> {});
      }
    }
  }

  private static boolean answers(OpenLane lane, String url) throws IOException {
    return !lane.client().answer(List.of("curl", "-sf", "-m", "2", url)).isEmpty();
  }
}
