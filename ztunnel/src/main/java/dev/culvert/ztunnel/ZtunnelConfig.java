// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel;

import static dev.culvert.policy.settings.Setting.choice;
import static dev.culvert.policy.settings.Setting.duration;
import static dev.culvert.policy.settings.Setting.flag;
import static dev.culvert.policy.settings.Setting.integer;
import static dev.culvert.policy.settings.Setting.path;
import static dev.culvert.policy.settings.Setting.size;
import static dev.culvert.policy.settings.Setting.text;

import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.policy.spiffe.InvalidSpiffeIdException;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.ztunnel.admin.AdminPorts;
import dev.culvert.ztunnel.controlplane.Endpoint;
import dev.culvert.ztunnel.dns.DnsSettings;
import dev.culvert.ztunnel.dns.Resolvers;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.TlsEngine;
import dev.culvert.ztunnel.telemetry.LogFormat;
import dev.culvert.ztunnel.transport.TransportChoice;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything that can be set on a ztunnel. Ports inside pods are not among it: other software and
 * the kernel programs rely on them.
 *
 * @param node this node, as pods name it in spec.nodeName
 * @param rootCert PEM file, trusted for the control plane only
 * @param sameNode whether pods of this node may connect without the proxy
 * @param pairsSocket where the agent takes word of those that may
 * @param workers event loops
 * @param drainDeadline how long connections may go on after the proxy was told to end
 * @param shown the settings as text, for people who look
 */
public record ZtunnelConfig(
    String node,
    Endpoint xdsAddress,
    Endpoint caAddress,
    Path rootCert,
    Path tokenFile,
    NodeConfig self,
    TrustDomain trustDomain,
    IdentityConfig identity,
    String cluster,
    String network,
    Path zdsSocket,
    SameNode sameNode,
    Path pairsSocket,
    TransportChoice transport,
    TlsEngine tlsEngine,
    int workers,
    AdminPorts.Numbers ports,
    LogFormat logFormat,
    TelemetryConfig telemetry,
    TunnelSettings tunnels,
    Duration certificateTtl,
    Duration drainDeadline,
    DnsSettings dns,
    Map<String, String> shown) {

  /** RFC 9113 6.9.2: what a window starts with, and the most it can have. */
  private static final long WINDOW_MIN = 65_535;

  private static final long WINDOW_MAX = Integer.MAX_VALUE;

  /** RFC 9113 6.5.2. */
  private static final long FRAME_MIN = 16_384;

  private static final long FRAME_MAX = (1 << 24) - 1;

  private static final Setting<String> NODE =
      text("node", "", "This node, as pods name it in spec.nodeName.").withoutDefault();
  private static final Setting<Endpoint> XDS_ADDRESS =
      endpoint("xds-address", "Where the control plane serves discovery.");
  private static final Setting<Optional<Endpoint>> CA_ADDRESS =
      endpoint("ca-address", "Where it signs certificates; as xds-address unless given.")
          .optional();
  private static final Setting<Path> ROOT_CERT =
      path(
          "root-cert",
          "/var/run/secrets/istio/root-cert.pem",
          "PEM file with the roots to trust for the control plane; may change.");
  private static final Setting<Path> TOKEN_FILE =
      path(
          "token-file",
          "/var/run/secrets/tokens/istio-token",
          "The node's bearer token for the control plane; read for each call.");
  private static final Setting<TrustDomain> TRUST_DOMAIN =
      new Setting<>(
          "trust-domain",
          "name",
          Optional.of("cluster.local"),
          false,
          "The trust domain whose identities are believed.",
          ZtunnelConfig::trustDomain);
  private static final Setting<String> CLUSTER =
      text("cluster", "Kubernetes", "The cluster's id, as istiod names its own by default.");
  private static final Setting<String> CLUSTER_DOMAIN =
      text("cluster-domain", "cluster.local", "The end of services' host names.");
  private static final Setting<String> NETWORK =
      text("network", "", "The network of this node; addresses of others mean something else.");
  private static final Setting<Path> ZDS_SOCKET =
      path("zds-socket", "/var/run/ztunnel/ztunnel.sock", "Where the node's agent listens.");
  private static final Setting<SameNode> SAME_NODE =
      choice(
          "same-node",
          SameNode.PROXY,
          "kernel lets a pair of pods connect without the proxy once policy allowed it.");
  private static final Setting<Path> PAIRS_SOCKET =
      path("pairs-socket", "/run/culvert/pairs.sock", "Where the agent is told of them: its own.");
  private static final Setting<TransportChoice> TRANSPORT =
      new Setting<>(
          "transport",
          "auto|io_uring|epoll|nio",
          Optional.of("auto"),
          false,
          "The way to the kernel; auto takes epoll, io_uring or nio, the first that works here.",
          ZtunnelConfig::transport);
  private static final Setting<TlsEngine> TLS_ENGINE =
      choice(
          "tls-engine", TlsEngine.AUTO, "auto takes BoringSSL where it loads, else the JDK's TLS.");
  private static final Setting<Integer> WORKERS =
      integer(
          "workers", 0, 0, 1024, "Event loops; 0 takes a quarter of the processors, at least 2.");
  private static final Setting<Integer> ADMIN_PORT =
      integer("admin-port", 15000, 0, 65535, "On loopback only; 0 takes any free port.");
  private static final Setting<Integer> STATS_PORT =
      integer("stats-port", 15020, 0, 65535, "Metrics for Prometheus.");
  private static final Setting<Integer> READY_PORT =
      integer("ready-port", 15021, 0, 65535, "Readiness for the kubelet.");
  private static final Setting<LogFormat> LOG_FORMAT =
      choice("log-format", LogFormat.TEXT, "Log lines for people, or for machines.");
  private static final Setting<Integer> POOL_MAX_STREAMS =
      integer(
          "pool-max-streams",
          100,
          1,
          10_000,
          "Connections in one tunnel before another is dialled; the least RFC 9113 recommends.");
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
  private static final Setting<Duration> CERTIFICATE_TTL =
      duration("certificate-ttl", Duration.ofHours(24), "Asked of the CA; renewed at half of it.");
  private static final Setting<Duration> DRAIN_DEADLINE =
      duration(
          "drain-deadline", Duration.ofSeconds(5), "How long connections go on after SIGTERM.");
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

  private static final List<Setting<?>> OWN =
      List.of(
          NODE,
          XDS_ADDRESS,
          CA_ADDRESS,
          ROOT_CERT,
          TOKEN_FILE,
          TRUST_DOMAIN,
          CLUSTER,
          CLUSTER_DOMAIN,
          NETWORK,
          ZDS_SOCKET,
          SAME_NODE,
          PAIRS_SOCKET,
          TRANSPORT,
          TLS_ENGINE,
          WORKERS,
          ADMIN_PORT,
          STATS_PORT,
          READY_PORT,
          LOG_FORMAT,
          POOL_MAX_STREAMS,
          POOL_IDLE,
          STREAM_WINDOW,
          CONNECTION_WINDOW,
          FRAME_SIZE,
          MAX_STREAMS_SERVED,
          CONNECT_TIMEOUT,
          ANSWER_TIMEOUT,
          STALL_TIMEOUT,
          UNUSED_TIMEOUT,
          CERTIFICATE_TTL,
          DRAIN_DEADLINE,
          DNS_UPSTREAM,
          DNS_PROXY,
          DNS_PREFERRED_NAMESPACE,
          DNS_TIMEOUT,
          DNS_CACHE,
          DNS_MAX_QUERIES,
          DNS_MAX_BYTES,
          DNS_MAX_CONNECTIONS,
          DNS_IDLE);

  private static final List<Setting<?>> ALL =
      Stream.of(OWN, NodeConfig.ALL, IdentityConfig.ALL, TelemetryConfig.ALL)
          .flatMap(List::stream)
          .toList();

  /** Every setting, in the order in which help shows them. */
  public static List<Setting<?>> settings() {
    return ALL;
  }

  /** Makes the configuration of settings that were checked one by one. */
  public static ZtunnelConfig from(Settings settings) {
    return new ZtunnelConfig(
        settings.get(NODE),
        settings.get(XDS_ADDRESS),
        settings.get(CA_ADDRESS).orElseGet(() -> settings.get(XDS_ADDRESS)),
        settings.get(ROOT_CERT),
        settings.get(TOKEN_FILE),
        NodeConfig.from(settings.get(NODE), settings),
        settings.get(TRUST_DOMAIN),
        IdentityConfig.from(settings),
        settings.get(CLUSTER),
        settings.get(NETWORK),
        settings.get(ZDS_SOCKET),
        settings.get(SAME_NODE),
        settings.get(PAIRS_SOCKET),
        settings.get(TRANSPORT),
        settings.get(TLS_ENGINE),
        workers(settings.get(WORKERS)),
        new AdminPorts.Numbers(
            settings.get(ADMIN_PORT), settings.get(STATS_PORT), settings.get(READY_PORT)),
        settings.get(LOG_FORMAT),
        TelemetryConfig.from(settings),
        tunnels(settings),
        settings.get(CERTIFICATE_TTL),
        settings.get(DRAIN_DEADLINE),
        dns(settings),
        shown(settings));
  }

  /** The trust domain with its aliases. */
  public TrustDomains trustDomains() {
    return new TrustDomains(trustDomain, identity.aliases());
  }

  private static TunnelSettings tunnels(Settings settings) {
    TunnelSettings standard = TunnelSettings.standard();
    return new TunnelSettings(
        Math.toIntExact(settings.get(STREAM_WINDOW)),
        Math.toIntExact(settings.get(CONNECTION_WINDOW)),
        Math.toIntExact(settings.get(FRAME_SIZE)),
        settings.get(MAX_STREAMS_SERVED),
        settings.get(POOL_MAX_STREAMS),
        standard.maxHeaderList(),
        standard.pingInterval(),
        standard.pingTimeout(),
        settings.get(POOL_IDLE),
        settings.get(CONNECT_TIMEOUT),
        settings.get(ANSWER_TIMEOUT),
        settings.get(STALL_TIMEOUT),
        settings.get(UNUSED_TIMEOUT));
  }

  private static DnsSettings dns(Settings settings) {
    return new DnsSettings(
        settings.get(DNS_PROXY),
        settings.get(CLUSTER_DOMAIN),
        settings.get(DNS_PREFERRED_NAMESPACE),
        settings.get(DNS_UPSTREAM).orElseGet(Resolvers::ofThisMachine),
        settings.get(DNS_TIMEOUT),
        settings.get(DNS_CACHE),
        settings.get(DNS_MAX_QUERIES),
        settings.get(DNS_MAX_BYTES),
        settings.get(DNS_MAX_CONNECTIONS),
        settings.get(DNS_IDLE));
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

  private static Setting<Endpoint> endpoint(String key, String why) {
    return new Setting<>(key, "host:port", Optional.empty(), true, why, Endpoint::parse);
  }

  private static Setting<Long> bounded(long min, long max, Setting<Long> setting) {
    return new Setting<>(
        setting.key(),
        setting.form(),
        setting.standard(),
        setting.required(),
        setting.why(),
        text -> inRange(min, max, setting.parser().apply(text)));
  }

  private static long inRange(long min, long max, long value) {
    if (value < min || value > max) {
      throw new IllegalArgumentException("from %d to %d bytes".formatted(min, max));
    }
    return value;
  }

  private static TrustDomain trustDomain(String text) {
    try {
      return new TrustDomain(text);
    } catch (InvalidSpiffeIdException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** With the underscore that the kernel's interface has in its name. */
  private static TransportChoice transport(String text) {
    return Arrays.stream(TransportChoice.values())
        .filter(choice -> choice.name().toLowerCase(Locale.ROOT).equals(text.replace('-', '_')))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("choose one of auto, io_uring, epoll, nio"));
  }
}
