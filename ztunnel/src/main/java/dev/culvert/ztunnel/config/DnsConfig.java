// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import static dev.culvert.policy.settings.Setting.duration;
import static dev.culvert.policy.settings.Setting.flag;
import static dev.culvert.policy.settings.Setting.integer;
import static dev.culvert.policy.settings.Setting.size;
import static dev.culvert.policy.settings.Setting.text;
import static dev.culvert.ztunnel.config.ByteRange.bounded;

import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.ztunnel.dns.DnsSettings;
import dev.culvert.ztunnel.dns.Resolvers;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What can be set of the DNS proxy. */
final class DnsConfig {
  private static final Setting<Optional<List<InetSocketAddress>>> DNS_UPSTREAM =
      new Setting<List<InetSocketAddress>>(
              "dns-upstream",
              "ADDRESS[:PORT],...",
              Optional.empty(),
              false,
              "Asked for names outside the mesh after the resolver that the pod asks; those of"
                  + " /etc/resolv.conf unless given.",
              Resolvers::parse)
          .optional();

  private static final Setting<Boolean> DNS_PROXY =
      flag(
          "dns-proxy",
          true,
          "Answers names of the mesh, over UDP and TCP; without it queries go to whom the pod asks.");
  private static final Setting<String> DNS_PREFERRED_NAMESPACE =
      text(
          "dns-preferred-namespace",
          "",
          "Whose service a host name means that several namespaces have, the pod's own not among"
              + " them.");
  private static final Setting<Duration> DNS_TIMEOUT =
      duration(
          "dns-timeout",
          Duration.ofSeconds(2),
          "How long a resolver has; two fit into the five seconds that apps wait.");
  private static final Setting<Long> DNS_CACHE =
      bounded(
          0,
          1 << 30,
          size("dns-cache", "256KiB", "Answers kept for each pod, some 500; 0B keeps none."));
  private static final Setting<Integer> DNS_MAX_QUERIES =
      integer(
          "dns-max-queries", 256, 1, 65_536, "Of one pod that wait for resolvers; a socket each.");
  private static final Setting<Long> DNS_MAX_BYTES =
      bounded(
          1 << 16,
          1 << 30,
          size("dns-max-bytes", "4MiB", "One pod's queries and answers held at once."));
  private static final Setting<Integer> DNS_MAX_CONNECTIONS =
      integer("dns-max-connections", 32, 1, 65_536, "Over TCP that one pod may have at once.");
  private static final Setting<Duration> DNS_IDLE =
      duration(
          "dns-idle", Duration.ofSeconds(10), "A TCP connection without a query is closed then.");

  static final List<Setting<?>> ALL =
      List.of(
          DNS_UPSTREAM,
          DNS_PROXY,
          DNS_PREFERRED_NAMESPACE,
          DNS_TIMEOUT,
          DNS_CACHE,
          DNS_MAX_QUERIES,
          DNS_MAX_BYTES,
          DNS_MAX_CONNECTIONS,
          DNS_IDLE);

  private DnsConfig() {}

  static DnsSettings from(String clusterDomain, Settings settings) {
    return new DnsSettings(
        settings.get(DNS_PROXY),
        clusterDomain,
        settings.get(DNS_PREFERRED_NAMESPACE),
        settings.get(DNS_UPSTREAM).orElseGet(Resolvers::ofThisMachine),
        settings.get(DNS_TIMEOUT),
        settings.get(DNS_CACHE),
        settings.get(DNS_MAX_QUERIES),
        settings.get(DNS_MAX_BYTES),
        settings.get(DNS_MAX_CONNECTIONS),
        settings.get(DNS_IDLE));
  }
}
