// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import static dev.culvert.policy.settings.Setting.choice;
import static dev.culvert.policy.settings.Setting.duration;
import static dev.culvert.policy.settings.Setting.flag;
import static dev.culvert.policy.settings.Setting.integer;

import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.ztunnel.transport.Keepalive;
import dev.culvert.ztunnel.transport.PodNetwork;
import java.time.Duration;
import java.util.List;

/** What can be set of how pods' network namespaces are used. */
final class NetworkConfig {
  private static final Duration MOST = Duration.ofHours(9);

  private static final Setting<PodNetwork.Redirect> REDIRECT =
      choice(
          "redirect",
          PodNetwork.Redirect.EBPF,
          "Who takes pods' connections here: ebpf is the own agent; netfilter also understands rules of"
              + " the packet filter with their routes, as istio-cni makes them.");
  private static final Setting<Boolean> IPV6 =
      flag("ipv6", true, "false listens in pods for IPv4 only; a pod without IPv6 needs no word.");

  private static final Setting<Duration> KEEPALIVE_TIME =
      seconds(
          "keepalive-time",
          Keepalive.STANDARD.idle(),
          "Silence after which TCP asks the other end of a connection without a tunnel; 0s never"
              + " does. Load balancers forget after 10 minutes and less.");
  private static final Setting<Duration> KEEPALIVE_INTERVAL =
      seconds("keepalive-interval", Keepalive.STANDARD.interval(), "Between such questions.");
  private static final Setting<Integer> KEEPALIVE_PROBES =
      integer(
          "keepalive-probes",
          Keepalive.STANDARD.probes(),
          1,
          127,
          "So many without an answer end the connection.");

  static final List<Setting<?>> ALL =
      List.of(REDIRECT, IPV6, KEEPALIVE_TIME, KEEPALIVE_INTERVAL, KEEPALIVE_PROBES);

  private NetworkConfig() {}

  static PodNetwork from(Settings settings) {
    Keepalive keepalive =
        new Keepalive(
            settings.get(KEEPALIVE_TIME),
            settings.get(KEEPALIVE_INTERVAL),
            settings.get(KEEPALIVE_PROBES));
    return new PodNetwork(settings.get(REDIRECT), settings.get(IPV6), keepalive);
  }

  /** As far as the kernel can count them. */
  private static Setting<Duration> seconds(String key, Duration standard, String why) {
    Setting<Duration> any = duration(key, standard, why);
    return new Setting<>(
        any.key(),
        any.form(),
        any.standard(),
        any.required(),
        any.why(),
        any.parser().andThen(NetworkConfig::countable));
  }

  private static Duration countable(Duration time) {
    if (time.compareTo(MOST) > 0 || (!time.isZero() && time.toSeconds() < 1)) {
      throw new IllegalArgumentException("1s to 9h, or 0s");
    }
    return time;
  }
}
