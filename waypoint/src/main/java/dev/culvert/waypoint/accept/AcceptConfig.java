// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import static dev.culvert.policy.settings.Setting.duration;
import static dev.culvert.policy.settings.Setting.integer;

import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import java.time.Duration;
import java.util.List;

/** What can be set of what a client may take. */
public final class AcceptConfig {
  private static final Setting<Integer> MAX_HEADERS =
      integer("max-headers", 100, 1, 10_000, "Header fields of a request; more are 431.");
  private static final Setting<Long> MAX_HEAD =
      Setting.size("max-head", "60KiB", "A request's line and header fields; more are 431.");
  private static final Setting<Duration> HEAD_TIMEOUT =
      duration("head-timeout", Duration.ofSeconds(10), "From a head's first byte to its last.");
  private static final Setting<Duration> KEEP_ALIVE =
      duration("keep-alive", Duration.ofHours(1), "How long a client may wait between requests.");
  private static final Setting<Duration> STREAM_IDLE =
      duration("stream-idle", Duration.ofMinutes(5), "How long an exchange may stand still.");

  /** Those settings, in the order in which help shows them. */
  public static final List<Setting<?>> ALL =
      List.of(MAX_HEADERS, MAX_HEAD, HEAD_TIMEOUT, KEEP_ALIVE, STREAM_IDLE);

  private AcceptConfig() {}

  /** What was set. */
  public static AcceptSettings from(Settings settings) {
    return new AcceptSettings(
        Math.toIntExact(settings.get(MAX_HEAD)),
        settings.get(MAX_HEADERS),
        settings.get(HEAD_TIMEOUT),
        settings.get(KEEP_ALIVE),
        settings.get(STREAM_IDLE),
        AcceptSettings.STANDARD.maxStreams(),
        AcceptSettings.STANDARD.streamWindow());
  }
}
