// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import static dev.culvert.policy.settings.Setting.integer;
import static dev.culvert.policy.settings.Setting.size;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.ztunnel.limits.LimitSettings;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;
import java.util.List;

/** What can be set of how much pods and their peers may have at once. */
public final class LimitConfig {
  /** Where the system does not say how many it lets a process have. */
  private static final long DESCRIPTORS_ASSUMED = 65_536;

  private static final Setting<Integer> POD_CONNECTIONS =
      integer(
          "pod-max-connections",
          50_000,
          1,
          10_000_000,
          "Connections of one pod, opened by it or to it; about the ports that one address has.");
  private static final Setting<Integer> PEER_CONNECTIONS =
      integer(
          "peer-max-connections",
          25_000,
          1,
          10_000_000,
          "Of them those of one identity to the pod; half, so that it does not shut out the others.");
  private static final Setting<Integer> POD_TUNNELS =
      integer(
          "pod-max-tunnels",
          10_000,
          1,
          1_000_000,
          "Tunnels to one pod: of its clients' pods, one for each event loop of their nodes.");
  private static final Setting<Integer> PEER_TUNNELS =
      integer(
          "peer-max-tunnels",
          5_000,
          1,
          1_000_000,
          "Of them with one identity; half, so that one identity does not shut out the others.");
  private static final Setting<Integer> POD_HANDSHAKES =
      integer(
          "pod-max-handshakes",
          500,
          1,
          1_000_000,
          "Peers that prove themselves to one pod at once; they may take connect-timeout for it.");
  private static final Setting<Integer> HANDSHAKES =
      integer(
          "max-handshakes",
          2_000,
          1,
          1_000_000,
          "The same for all pods of the node: each takes some 50 KiB.");
  private static final Setting<Integer> DESCRIPTORS =
      integer(
          "max-descriptors",
          0,
          0,
          100_000_000,
          "Descriptors of connections and tunnels; 0 takes three quarters of RLIMIT_NOFILE, the rest"
              + " is for listeners, DNS and files.");
  private static final Setting<Long> BUFFERS =
      size(
          "max-buffers",
          "0B",
          "Buffer memory from which on nothing new is taken; 0B takes three quarters of what the JVM"
              + " allows.");

  /** Those settings, in the order in which help shows them. */
  public static final List<Setting<?>> ALL =
      List.of(
          POD_CONNECTIONS,
          PEER_CONNECTIONS,
          POD_TUNNELS,
          PEER_TUNNELS,
          POD_HANDSHAKES,
          HANDSHAKES,
          DESCRIPTORS,
          BUFFERS);

  private LimitConfig() {}

  /** What was set. */
  public static LimitSettings from(Settings settings) {
    int descriptors = settings.get(DESCRIPTORS);
    long buffers = settings.get(BUFFERS);
    return new LimitSettings(
        settings.get(POD_CONNECTIONS),
        settings.get(POD_TUNNELS),
        settings.get(POD_HANDSHAKES),
        settings.get(PEER_CONNECTIONS),
        settings.get(PEER_TUNNELS),
        settings.get(HANDSHAKES),
        descriptors > 0 ? descriptors : threeQuarters(mostDescriptors()),
        buffers > 0 ? buffers : PlatformDependent.estimateMaxDirectMemory() / 4 * 3);
  }

  private static int threeQuarters(long number) {
    return (int) Math.min(Integer.MAX_VALUE, number / 4 * 3);
  }

  private static long mostDescriptors() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : DESCRIPTORS_ASSUMED;
  }
}
