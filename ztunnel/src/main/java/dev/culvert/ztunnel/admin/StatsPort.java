// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import dev.culvert.ztunnel.admin.HttpPort.Page;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Metrics for Prometheus and readiness, or readiness alone, on every address. Metrics are written
 * as they are read: of a client that is slow nothing waits in memory, and few are answered at a
 * time.
 */
public final class StatsPort implements AutoCloseable {
  private final HttpPort port;

  private StatsPort(String setting, int number, Map<String, Page> pages) throws IOException {
    this.port = new HttpPort(setting, new InetSocketAddress(number), pages, AdminPorts.ofAnybody());
  }

  /**
   * Opens a port of both.
   *
   * @param setting that names the port
   * @param number 0 takes any free one
   * @param metrics of type {@link AdminPorts#METRICS_TYPE}, written at each scrape
   * @param waitingFor what keeps the process from being ready; empty when it is
   * @throws IOException when the port is taken
   */
  public static StatsPort open(
      String setting, int number, AdminPorts.Metrics metrics, Supplier<Optional<String>> waitingFor)
      throws IOException {
    Map<String, Page> pages = new TreeMap<>(AdminPorts.readyPages(waitingFor));
    pages.putAll(AdminPorts.statsPages(metrics));
    return new StatsPort(setting, number, pages);
  }

  /**
   * Opens a port of readiness only.
   *
   * @param setting that names the port
   * @param number 0 takes any free one
   * @param waitingFor what keeps the process from being ready; empty when it is
   * @throws IOException when the port is taken
   */
  public static StatsPort ofReadiness(
      String setting, int number, Supplier<Optional<String>> waitingFor) throws IOException {
    return new StatsPort(setting, number, AdminPorts.readyPages(waitingFor));
  }

  /** Where it listens. */
  public int port() {
    return port.port();
  }

  @Override
  public void close() {
    port.close();
  }
}
