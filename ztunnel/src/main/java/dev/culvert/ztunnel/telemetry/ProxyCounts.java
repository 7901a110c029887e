// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import java.util.function.IntSupplier;

/**
 * How many pods are served, as Istio's ztunnel names it. Written by hand: the registry takes the
 * end {@code _total} away from everything that is not a counter.
 *
 * @param active how many pods are up
 * @param pending how many could not be added yet
 */
public record ProxyCounts(IntSupplier active, IntSupplier pending) {

  /** Lines to append to what the registry says, in the text format of Prometheus. */
  public String text() {
    return gauge("istio_active_proxy_count_total", "Pods that are served.", active)
        + gauge("istio_pending_proxy_count_total", "Pods that could not be added yet.", pending);
  }

  private static String gauge(String name, String help, IntSupplier value) {
    return "# HELP %s %s\n# TYPE %s gauge\n%s %d.0\n"
        .formatted(name, help, name, name, value.getAsInt());
  }
}
