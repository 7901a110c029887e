// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import static dev.culvert.policy.settings.Setting.choice;
import static dev.culvert.policy.settings.Setting.duration;
import static dev.culvert.policy.settings.Setting.flag;
import static dev.culvert.policy.settings.Setting.integer;
import static dev.culvert.policy.settings.Setting.path;
import static dev.culvert.policy.settings.Setting.text;

import dev.culvert.policy.settings.InvalidSettingException;
import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.ztunnel.admin.AdminPorts;
import dev.culvert.ztunnel.controlplane.Endpoint;
import dev.culvert.ztunnel.controlplane.NodeToken;
import dev.culvert.ztunnel.dns.DnsSettings;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.TlsEngine;
import dev.culvert.ztunnel.limits.LimitSettings;
import dev.culvert.ztunnel.telemetry.LogFormat;
import dev.culvert.ztunnel.transport.PodNetwork;
import dev.culvert.ztunnel.transport.TransportChoice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything that can be set on a ztunnel. Ports inside pods are not among it: other software and
 * the kernel programs rely on them.
 *
 * @param node this node, as pods name it in spec.nodeName
 * @param xdsOnDemand whether addresses are asked for when they are needed, instead of all of them
 * @param servers what those of the control plane have to prove
 * @param sameNode whether pods of this node may connect without the proxy
 * @param pairsSocket where the agent takes word of those that may
 * @param workers event loops
 * @param drainDeadline how long connections may go on after the proxy was told to end
 * @param shown the settings as text, for people who look
 */
public record ZtunnelConfig(
    String node,
    Endpoint xdsAddress,
    boolean xdsOnDemand,
    Endpoint caAddress,
    ServerConfig servers,
    NodeToken token,
    NodeConfig self,
    TrustDomain trustDomain,
    IdentityConfig identity,
    String cluster,
    String network,
    Path zdsSocket,
    PodNetwork podNetwork,
    SameNode sameNode,
    Path pairsSocket,
    TransportChoice transport,
    TlsEngine tlsEngine,
    int workers,
    AdminPorts.Numbers ports,
    LogFormat logFormat,
    TelemetryConfig telemetry,
    TunnelSettings tunnels,
    LimitSettings limits,
    Duration certificateTtl,
    Duration drainDeadline,
    DnsSettings dns,
    Map<String, String> shown) {

  private static final Setting<String> NODE =
      text("node", "", "This node, as pods name it in spec.nodeName.").withoutDefault();
  private static final Setting<Endpoint> XDS_ADDRESS =
      ProxySettings.endpoint("xds-address", "Where the control plane serves discovery.");
  private static final Setting<Boolean> XDS_ON_DEMAND =
      flag(
          "xds-on-demand",
          false,
          "Asks for addresses when a connection needs them, instead of all; needs dns-proxy=false.");
  private static final Setting<Optional<Path>> TOKEN_FILE =
      path(
              "token-file",
              "",
              "The node's bearer token for the control plane, read for each call;"
                  + " /var/run/secrets/tokens/istio-token unless given, and none where that is not"
                  + " there, as under Cilium's agent.")
          .optional();
  private static final Setting<Path> ZDS_SOCKET =
      path("zds-socket", "/var/run/ztunnel/ztunnel.sock", "Where the node's agent listens.");
  private static final Setting<SameNode> SAME_NODE =
      choice(
          "same-node",
          SameNode.PROXY,
          "kernel lets a pair of pods connect without the proxy once policy allowed it.");
  private static final Setting<Path> PAIRS_SOCKET =
      path("pairs-socket", "/run/culvert/pairs.sock", "Where the agent is told of them: its own.");
  private static final Setting<Integer> WORKERS =
      integer(
          "workers", 0, 0, 1024, "Event loops; 0 takes a quarter of the processors, at least 2.");
  private static final Setting<Integer> ADMIN_PORT =
      integer("admin-port", 15000, 0, 65535, "On loopback only; 0 takes any free port.");
  private static final Setting<Integer> STATS_PORT =
      integer("stats-port", 15020, 0, 65535, "Metrics for Prometheus.");
  private static final Setting<Duration> DRAIN_DEADLINE =
      duration(
          "drain-deadline",
          Duration.ofSeconds(5),
          "How long connections go on after SIGTERM; hours need a pod's grace period as long.");
  private static final List<Setting<?>> OWN =
      List.of(
          NODE,
          XDS_ADDRESS,
          XDS_ON_DEMAND,
          ProxySettings.CA_ADDRESS,
          TOKEN_FILE,
          ProxySettings.TRUST_DOMAIN,
          ProxySettings.CLUSTER,
          ProxySettings.CLUSTER_DOMAIN,
          ProxySettings.NETWORK,
          ZDS_SOCKET,
          SAME_NODE,
          PAIRS_SOCKET,
          ProxySettings.TRANSPORT,
          ProxySettings.TLS_ENGINE,
          WORKERS,
          ADMIN_PORT,
          STATS_PORT,
          ProxySettings.READY_PORT,
          ProxySettings.LOG_FORMAT,
          ProxySettings.CERTIFICATE_TTL,
          DRAIN_DEADLINE);

  private static final List<Setting<?>> ALL =
      Stream.of(
              OWN,
              ServerConfig.ALL,
              NetworkConfig.ALL,
              TunnelConfig.ALL,
              LimitConfig.ALL,
              DnsConfig.ALL,
              NodeConfig.ALL,
              IdentityConfig.ALL,
              TelemetryConfig.ALL)
          .flatMap(List::stream)
          .toList();

  /** Every setting, in the order in which help shows them. */
  public static List<Setting<?>> settings() {
    return ALL;
  }

  /**
   * Makes the configuration of settings that were checked one by one.
   *
   * @throws InvalidSettingException when two of them do not go together
   */
  public static ZtunnelConfig from(Settings settings) {
    DnsSettings dns = DnsConfig.from(settings.get(ProxySettings.CLUSTER_DOMAIN), settings);
    if (settings.get(XDS_ON_DEMAND) && dns.answersNames()) {
      throw new InvalidSettingException(
          XDS_ON_DEMAND.key(),
          "the DNS proxy answers only names of services that it was told of, and on demand it is told"
              + " of few; set dns-proxy=false too");
    }
    return new ZtunnelConfig(
        settings.get(NODE),
        settings.get(XDS_ADDRESS),
        settings.get(XDS_ON_DEMAND),
        settings.get(ProxySettings.CA_ADDRESS).orElseGet(() -> settings.get(XDS_ADDRESS)),
        ServerConfig.from(settings),
        settings.get(TOKEN_FILE).map(NodeToken::at).orElse(NodeToken.STANDARD),
        NodeConfig.from(settings.get(NODE), settings),
        settings.get(ProxySettings.TRUST_DOMAIN),
        IdentityConfig.from(settings),
        settings.get(ProxySettings.CLUSTER),
        settings.get(ProxySettings.NETWORK),
        settings.get(ZDS_SOCKET),
        NetworkConfig.from(settings),
        settings.get(SAME_NODE),
        settings.get(PAIRS_SOCKET),
        settings.get(ProxySettings.TRANSPORT),
        settings.get(ProxySettings.TLS_ENGINE),
        workers(settings.get(WORKERS)),
        new AdminPorts.Numbers(
            settings.get(ADMIN_PORT),
            settings.get(STATS_PORT),
            settings.get(ProxySettings.READY_PORT)),
        settings.get(ProxySettings.LOG_FORMAT),
        TelemetryConfig.from(settings),
        TunnelConfig.from(settings),
        LimitConfig.from(settings),
        settings.get(ProxySettings.CERTIFICATE_TTL),
        settings.get(DRAIN_DEADLINE),
        dns,
        shown(settings));
  }

  /** The trust domain with its aliases. */
  public TrustDomains trustDomains() {
    return new TrustDomains(trustDomain, identity.aliases());
  }

  private static Map<String, String> shown(Settings settings) {
    Map<String, String> shown = new LinkedHashMap<>();
    for (Setting<?> setting : ALL) {
      Object value = settings.get(setting);
      Object present = value instanceof Optional<?> optional ? optional.orElse(null) : value;
      shown.put(setting.key(), present == null ? "" : present.toString());
    }
    return shown;
  }

  private static int workers(int set) {
    return set > 0 ? set : Math.max(2, (Runtime.getRuntime().availableProcessors() + 3) / 4);
  }
}
