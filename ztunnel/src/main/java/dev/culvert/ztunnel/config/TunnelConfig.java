// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import static dev.culvert.policy.settings.Setting.duration;
import static dev.culvert.policy.settings.Setting.integer;
import static dev.culvert.policy.settings.Setting.size;
import static dev.culvert.ztunnel.config.ByteRange.bounded;

import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import java.time.Duration;
import java.util.List;

/** What can be set of tunnels. */
public final class TunnelConfig {
  /** RFC 9113 6.9.2: what a window starts with, and the most it can have. */
  private static final long WINDOW_MIN = 65_535;

  private static final long WINDOW_MAX = Integer.MAX_VALUE;

  /** RFC 9113 6.5.2. */
  private static final long FRAME_MIN = 16_384;

  private static final long FRAME_MAX = (1 << 24) - 1;

  private static final Setting<Integer> POOL_MAX_STREAMS =
      integer(
          "pool-max-streams",
          100,
          1,
          10_000,
          "Connections in one tunnel before another is dialled; the least RFC 9113 recommends.");
  private static final Setting<Integer> POOL_STRIPES =
      integer(
          "pool-stripes",
          4,
          1,
          100,
          "Tunnels of an event loop to a destination before a new connection goes into a congested"
              + " one: bulk does not hold up others, nor is one TCP connection its limit.");
  private static final Setting<Duration> POOL_IDLE =
      duration("pool-idle", Duration.ofMinutes(5), "A tunnel unused for so long is closed.");
  private static final Setting<Long> STREAM_WINDOW =
      bounded(
          WINDOW_MIN,
          WINDOW_MAX,
          size("http2-stream-window", "4MiB", "Bytes on their way in one connection."));
  private static final Setting<Long> CONNECTION_WINDOW =
      bounded(
          WINDOW_MIN,
          WINDOW_MAX,
          size(
              "http2-connection-window",
              "16MiB",
              "The same for a tunnel; four times, or connections could wait for each other."));
  private static final Setting<Long> FRAME_SIZE =
      bounded(
          FRAME_MIN,
          FRAME_MAX,
          size("http2-frame-size", "1MiB", "Largest frame taken, 16KiB to 16MiB - 1."));
  private static final Setting<Integer> MAX_STREAMS_SERVED =
      integer("http2-max-streams", 200, 1, 100_000, "Connections a peer may have in one tunnel.");
  private static final Setting<Duration> CONNECT_TIMEOUT =
      duration(
          "connect-timeout",
          Duration.ofSeconds(10),
          "For TCP, again for TLS, and again for the first frame of HTTP/2.");
  private static final Setting<Duration> ANSWER_TIMEOUT =
      duration(
          "answer-timeout",
          Duration.ofSeconds(30),
          "A CONNECT that the other side has not answered for so long has failed.");
  private static final Setting<Duration> STALL_TIMEOUT =
      duration(
          "stall-timeout",
          Duration.ZERO,
          "A tunnelled connection whose reader takes nothing for so long is reset; 0s never does:"
              + " TCP has no such limit, and a reader may be stopped in a debugger.");
  private static final Setting<Duration> UNUSED_TIMEOUT =
      duration(
          "tunnel-unused",
          Duration.ofMinutes(15),
          "A tunnel to us without connections for so long is closed; peers release theirs after"
              + " 5 minutes.");

  /** Those settings, in the order in which help shows them. */
  public static final List<Setting<?>> ALL =
      List.of(
          POOL_MAX_STREAMS,
          POOL_STRIPES,
          POOL_IDLE,
          STREAM_WINDOW,
          CONNECTION_WINDOW,
          FRAME_SIZE,
          MAX_STREAMS_SERVED,
          CONNECT_TIMEOUT,
          ANSWER_TIMEOUT,
          STALL_TIMEOUT,
          UNUSED_TIMEOUT);

  private TunnelConfig() {}

  /** What was set. */
  public static TunnelSettings from(Settings settings) {
    TunnelSettings standard = TunnelSettings.standard();
    return new TunnelSettings(
        Math.toIntExact(settings.get(STREAM_WINDOW)),
        Math.toIntExact(settings.get(CONNECTION_WINDOW)),
        Math.toIntExact(settings.get(FRAME_SIZE)),
        settings.get(MAX_STREAMS_SERVED),
        settings.get(POOL_MAX_STREAMS),
        settings.get(POOL_STRIPES),
        standard.maxHeaderList(),
        standard.pingInterval(),
        standard.pingTimeout(),
        settings.get(POOL_IDLE),
        settings.get(CONNECT_TIMEOUT),
        settings.get(ANSWER_TIMEOUT),
        settings.get(STALL_TIMEOUT),
        settings.get(UNUSED_TIMEOUT));
  }
}
