// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import static dev.culvert.policy.settings.Setting.integer;

import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.ztunnel.telemetry.OtlpTarget;
import dev.culvert.ztunnel.telemetry.SeriesLimits;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What can be set of what the proxy tells of connections.
 *
 * @param series bounds of the metrics
 * @param otlp where the access log is sent to as well
 * @param otlpQueue lines that may wait for it
 */
public record TelemetryConfig(SeriesLimits series, Optional<URI> otlp, int otlpQueue) {
  private static final Setting<Optional<URI>> OTLP =
      new Setting<>(
              "otlp-endpoint",
              "http://HOST:4318/v1/logs",
              Optional.<String>empty(),
              false,
              "A collector that gets the access log too, as OTLP over HTTP; off unless given.",
              TelemetryConfig::collector)
          .optional();
  private static final Setting<Integer> OTLP_QUEUE =
      integer(
          "otlp-queue",
          10_000,
          1,
          1_000_000,
          "Access log lines that may wait for the collector; those beyond are dropped and counted.");

  static final List<Setting<?>> ALL =
      Stream.concat(SeriesSettings.ALL.stream(), Stream.of(OTLP, OTLP_QUEUE)).toList();

  static TelemetryConfig from(Settings settings) {
    return new TelemetryConfig(
        SeriesSettings.from(settings), settings.get(OTLP), settings.get(OTLP_QUEUE));
  }

  /**
   * The collector, told of a proxy; empty where there is none.
   *
   * @param resource what the proxy is, by OpenTelemetry's names
   */
  public Optional<OtlpTarget> export(Map<String, String> resource) {
    return otlp.map(endpoint -> new OtlpTarget(endpoint, otlpQueue, resource));
  }

  private static URI collector(String text) {
    URI uri = URI.create(text);
    if (uri.getHost() == null || !List.of("http", "https").contains(uri.getScheme())) {
      throw new IllegalArgumentException("write its scheme, host, port and path");
    }
    return uri;
  }
}
