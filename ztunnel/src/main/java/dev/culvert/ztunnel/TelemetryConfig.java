// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel;

import static dev.culvert.policy.settings.Setting.duration;
import static dev.culvert.policy.settings.Setting.integer;

import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.ztunnel.telemetry.SeriesLimits;
import java.time.Duration;
import java.util.List;

/**
 * What can be set of what the proxy tells of connections.
 *
 * @param series bounds of the metrics
 */
public record TelemetryConfig(SeriesLimits series) {
  private static final Setting<Integer> MAX_PAIRS =
      integer(
          "metrics-max-pairs",
          10_000,
          1,
          1_000_000,
          "Pairs of workloads with metrics of their own, some 5 KiB each; those beyond are counted"
              + " together, with the names overflow.");
  private static final Setting<Duration> IDLE =
      duration(
          "metrics-idle",
          Duration.ofMinutes(15),
          "The metrics of a pair that had no connection for so long are dropped; several scrapes"
              + " must see its last values.");

  static final List<Setting<?>> ALL = List.of(MAX_PAIRS, IDLE);

  static TelemetryConfig from(Settings settings) {
    return new TelemetryConfig(new SeriesLimits(settings.get(MAX_PAIRS), settings.get(IDLE)));
  }
}
