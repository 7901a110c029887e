// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import dev.culvert.ztunnel.admin.HttpPort.Answer;
import dev.culvert.ztunnel.admin.HttpPort.Page;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * The three ports: administration on the loopback address only; metrics and readiness on every
 * address, because Prometheus and the kubelet come from outside.
 */
public final class AdminPorts implements AutoCloseable {
  /** The text format of Prometheus. */
  public static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** All that is counted: of many pairs of workloads, too much to hold as one text. */
  @FunctionalInterface
  public interface Metrics {
    /** Writes it; the caller closes. */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Where to listen; 0 takes any free port.
   *
   * @param admin on the loopback address
   */
  public record Numbers(int admin, int stats, int ready) {}

  private static final int AT_ONCE = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final HttpPort admin;
  private final HttpPort stats;
  private final HttpPort ready;

  /**
   * Opens all three.
   *
   * @param metrics of type {@link #METRICS_TYPE}, written at each scrape
   * @param quit ends the process, in its own time
   * @throws IOException when one cannot be listened on; none is open then
   */
  public AdminPorts(
      Numbers numbers, Readiness readiness, Metrics metrics, ConfigDump dump, Runnable quit)
      throws IOException {
    ready =
        new HttpPort(
            "ready-port",
            anywhere(numbers.ready()),
            readyPages(readiness::waitingFor),
            ofAnybody());
    try {
      stats =
          new HttpPort("stats-port", anywhere(numbers.stats()), statsPages(metrics), ofAnybody());
      try {
        InetSocketAddress local =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), numbers.admin());
        admin = new HttpPort("admin-port", local, adminPages(dump, quit), ofThisNode());
      } catch (IOException e) {
        stats.close();
        throw e;
      }
    } catch (IOException e) {
      ready.close();
      throw e;
    }
  }

  /** The ports that are listened on. */
  public Numbers numbers() {
    return new Numbers(admin.port(), stats.port(), ready.port());
  }

  @Override
  public void close() {
    admin.close();
    stats.close();
    ready.close();
  }

  static Map<String, Page> readyPages(Supplier<Optional<String>> waitingFor) {
    return Map.of(
        "/healthz/ready",
        question ->
            waitingFor
                .get()
                .map(missing -> Answer.text(503, "not ready: " + missing + "\n"))
                .orElseGet(() -> Answer.text(200, "ready\n")));
  }

  static Map<String, Page> statsPages(Metrics metrics) {
    Page page = question -> Answer.written(METRICS_TYPE, metrics::writeTo);
    return Map.of("/metrics", page, "/stats/prometheus", page);
  }

  private static Map<String, Page> adminPages(ConfigDump dump, Runnable quit) {
    Map<String, Page> pages = new TreeMap<>();
    pages.put("/config_dump", question -> Answer.written("application/json", dump::writeTo));
    pages.put("/debug/jfr", new FlightRecorder(new Semaphore(1)));
    pages.put("/debug/pprof/heap", new ClassHistogram());
    pages.put("/logging", new LogLevels());
    pages.put(
        "/quitquitquit",
        question -> {
          if (!question.isPost()) {
            return Answer.text(405, "POST ends the proxy\n");
          }
          Thread.ofPlatform().name("quit").start(quit);
          return Answer.text(200, "shutting down\n");
        });
    pages.put("/", question -> Answer.text(200, String.join("\n", pages.keySet()) + "\n"));
    return pages;
  }

  static Turns ofAnybody() {
    return new Turns(AT_ONCE, 1, PATIENCE);
  }

  /** All of them have one address, and a flight recording takes its time. */
  private static Turns ofThisNode() {
    return new Turns(AT_ONCE, AT_ONCE, PATIENCE);
  }

  private static InetSocketAddress anywhere(int port) {
    return new InetSocketAddress(port);
  }
}
