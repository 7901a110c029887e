// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** Where all that is counted is told to Prometheus from. */
record MetricsRegistry(PrometheusMeterRegistry prometheus) implements AutoCloseable {
  MetricsRegistry() {
    this(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  @Override
  public void close() {
    prometheus.close();
  }
}
