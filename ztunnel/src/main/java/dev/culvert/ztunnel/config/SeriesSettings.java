// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import static dev.culvert.policy.settings.Setting.duration;
import static dev.culvert.policy.settings.Setting.integer;

import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.ztunnel.telemetry.SeriesLimits;
import java.time.Duration;
import java.util.List;

/** How much the metrics of a proxy may be, for every proxy. */
public final class SeriesSettings {
  private static final Setting<Integer> MAX_PAIRS =
      integer(
          "metrics-max-pairs",
          10_000,
          1,
          1_000_000,
          "Pairs of workloads with metrics of their own, and of requests what they have in common;"
              + " those beyond are counted together, with the names overflow.");
  private static final Setting<Duration> IDLE =
      duration(
          "metrics-idle",
          Duration.ofMinutes(15),
          "The metrics of what had no connection or request for so long are dropped; several scrapes"
              + " must see its last values.");

  /** In the order in which help shows them. */
  public static final List<Setting<?>> ALL = List.of(MAX_PAIRS, IDLE);

  private SeriesSettings() {}

  /** What they come to. */
  public static SeriesLimits from(Settings settings) {
    return new SeriesLimits(settings.get(MAX_PAIRS), settings.get(IDLE));
  }
}
