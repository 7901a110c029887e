// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import static dev.culvert.policy.settings.Setting.choice;
import static dev.culvert.policy.settings.Setting.duration;
import static dev.culvert.policy.settings.Setting.integer;
import static dev.culvert.policy.settings.Setting.path;
import static dev.culvert.policy.settings.Setting.text;

import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.policy.spiffe.InvalidSpiffeIdException;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.waypoint.accept.AcceptConfig;
import dev.culvert.waypoint.accept.AcceptSettings;
import dev.culvert.waypoint.forward.ClientCert;
import dev.culvert.waypoint.forward.PoolSettings;
import dev.culvert.waypoint.trace.TraceSettings;
import dev.culvert.ztunnel.IdentityConfig;
import dev.culvert.ztunnel.LimitConfig;
import dev.culvert.ztunnel.TunnelConfig;
import dev.culvert.ztunnel.controlplane.Endpoint;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.TlsEngine;
import dev.culvert.ztunnel.limits.LimitSettings;
import dev.culvert.ztunnel.telemetry.LogFormat;
import dev.culvert.ztunnel.transport.TransportChoice;
import dev.culvert.ztunnel.xds.NodeIdentity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a waypoint runs.
 *
 * @param waypoint the Gateway that it is an instance of
 * @param className of that Gateway
 * @param node this node, as its pod names it in spec.nodeName
 * @param pod its own pod, of the Gateway's namespace
 * @param source the folder of routes and policies; empty for those of the control plane
 * @param rootCert PEM file, trusted for the control plane only
 * @param domain the end of services' host names
 * @param rootNamespaces policies in them can be for its class; at least one
 * @param port where it takes tunnels
 * @param workers event loops
 * @param drainDeadline how long requests and connections go on after SIGTERM
 */
public record WaypointConfig(
    WaypointName waypoint,
    String className,
    String node,
    String pod,
    String serviceAccount,
    String instanceIp,
    Optional<Path> source,
    Endpoint xdsAddress,
    Endpoint caAddress,
    Path rootCert,
    Path tokenFile,
    TrustDomain trustDomain,
    IdentityConfig identity,
    String cluster,
    String domain,
    String network,
    List<String> rootNamespaces,
    Duration certificateTtl,
    TlsEngine tlsEngine,
    TransportChoice transport,
    int port,
    int workers,
    int statsPort,
    int readyPort,
    LogFormat logFormat,
    Duration drainDeadline,
    AcceptSettings accept,
    PoolSettings pools,
    TunnelSettings tunnels,
    LimitSettings limits,
    TraceSettings trace,
    ClientCert.Mode clientCert) {

  private static final Setting<WaypointName> WAYPOINT =
      new Setting<>(
          "waypoint",
          "NAMESPACE/NAME",
          Optional.empty(),
          true,
          "The Gateway that this is an instance of.",
          WaypointConfig::name);
  private static final Setting<String> CLASS =
      text("gateway-class", "culvert-waypoint", "The GatewayClass of that Gateway.");
  private static final Setting<String> NODE =
      text("node", "", "This node, as its pod names it in spec.nodeName.").withoutDefault();
  private static final Setting<String> POD =
      text("pod-name", "", "The waypoint's own pod, of the Gateway's namespace.").withoutDefault();
  private static final Setting<Optional<String>> SERVICE_ACCOUNT =
      text("service-account", "", "That of its pod; named like the Gateway unless given.")
          .optional();
  private static final Setting<String> INSTANCE_IP =
      text("instance-ip", "127.0.0.1", "The address of its pod; control planes log it.");
  private static final Setting<Optional<Path>> SOURCE =
      path(
              "source",
              "",
              "A folder of routes and policies, instead of those that the control plane tells.")
          .optional();
  private static final Setting<ClientCert.Mode> CLIENT_CERT =
      choice(
          "forward-client-cert",
          ClientCert.Mode.NEVER,
          "Whether apps are told who the client is by x-forwarded-client-cert; append keeps what a"
              + " proxy of the mesh told.");
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
          "The bearer token for the control plane; read for each call.");
  private static final Setting<TrustDomain> TRUST_DOMAIN =
      new Setting<>(
          "trust-domain",
          "name",
          Optional.of("cluster.local"),
          false,
          "The trust domain whose identities are believed.",
          WaypointConfig::trustDomain);
  private static final Setting<String> CLUSTER =
      text("cluster", "Kubernetes", "The cluster's id, as istiod names its own by default.");
  private static final Setting<String> CLUSTER_DOMAIN =
      text("cluster-domain", "cluster.local", "The end of services' host names.");
  private static final Setting<String> NETWORK =
      text("network", "", "The network of this node; addresses of others mean something else.");
  private static final Setting<List<String>> ROOT_NAMESPACES =
      new Setting<>(
          "root-namespaces",
          "NAME,NAME,...",
          Optional.of(String.join(",", MeshPolicies.ROOT_NAMESPACES)),
          false,
          "As the control plane has them: policies there may be for a GatewayClass.",
          WaypointConfig::names);
  private static final Setting<Duration> CERTIFICATE_TTL =
      duration("certificate-ttl", Duration.ofHours(24), "Asked of the CA; renewed at half of it.");
  private static final Setting<TlsEngine> TLS_ENGINE =
      choice(
          "tls-engine", TlsEngine.AUTO, "auto takes BoringSSL where it loads, else the JDK's TLS.");
  private static final Setting<TransportChoice> TRANSPORT =
      choice(
          "transport",
          TransportChoice.AUTO,
          "The way to the kernel; auto takes epoll, io-uring or nio, the first that works here.");
  private static final Setting<Integer> PORT =
      integer("port", 15008, 0, 65535, "Where it takes tunnels, on every address.");
  private static final Setting<Integer> WORKERS =
      integer("workers", 0, 0, 1024, "Event loops; 0 takes one for each processor.");
  private static final Setting<Integer> STATS_PORT =
      integer("stats-port", 15020, 0, 65535, "Metrics for Prometheus, and readiness.");
  private static final Setting<Integer> READY_PORT =
      integer("ready-port", 15021, 0, 65535, "Readiness for the kubelet.");
  private static final Setting<LogFormat> LOG_FORMAT =
      choice("log-format", LogFormat.TEXT, "Log lines for people, or for machines.");
  private static final Setting<Duration> DRAIN_DEADLINE =
      duration(
          "drain-deadline",
          Duration.ofSeconds(25),
          "How long requests go on after SIGTERM; below the 30s that a pod has by default.");
  private static final Setting<Duration> BACKEND_IDLE =
      duration(
          "backend-idle",
          Duration.ofSeconds(50),
          "How long an unused connection is kept; common servers close theirs after 60s.");

  private static final List<Setting<?>> OWN =
      List.of(
          WAYPOINT,
          CLASS,
          NODE,
          POD,
          SERVICE_ACCOUNT,
          INSTANCE_IP,
          SOURCE,
          XDS_ADDRESS,
          CA_ADDRESS,
          ROOT_CERT,
          TOKEN_FILE,
          TRUST_DOMAIN,
          CLUSTER,
          CLUSTER_DOMAIN,
          NETWORK,
          ROOT_NAMESPACES,
          CERTIFICATE_TTL,
          TLS_ENGINE,
          TRANSPORT,
          PORT,
          WORKERS,
          STATS_PORT,
          READY_PORT,
          LOG_FORMAT,
          DRAIN_DEADLINE,
          BACKEND_IDLE,
          CLIENT_CERT);

  private static final List<Setting<?>> ALL =
      Stream.of(
              OWN,
              AcceptConfig.ALL,
              TraceSettings.ALL,
              TunnelConfig.ALL,
              LimitConfig.ALL,
              IdentityConfig.ALL)
          .flatMap(List::stream)
          .toList();

  /** Every setting, in the order in which help shows them. */
  public static List<Setting<?>> settings() {
    return ALL;
  }

  /** Makes the configuration of settings that were checked one by one. */
  public static WaypointConfig from(Settings settings) {
    WaypointName waypoint = settings.get(WAYPOINT);
    TunnelSettings tunnels = TunnelConfig.from(settings);
    PoolSettings pools = PoolSettings.STANDARD;
    return new WaypointConfig(
        waypoint,
        settings.get(CLASS),
        settings.get(NODE),
        settings.get(POD),
        settings.get(SERVICE_ACCOUNT).orElse(waypoint.name()),
        settings.get(INSTANCE_IP),
        settings.get(SOURCE),
        settings.get(XDS_ADDRESS),
        settings.get(CA_ADDRESS).orElseGet(() -> settings.get(XDS_ADDRESS)),
        settings.get(ROOT_CERT),
        settings.get(TOKEN_FILE),
        settings.get(TRUST_DOMAIN),
        IdentityConfig.from(settings),
        settings.get(CLUSTER),
        settings.get(CLUSTER_DOMAIN),
        settings.get(NETWORK),
        settings.get(ROOT_NAMESPACES),
        settings.get(CERTIFICATE_TTL),
        settings.get(TLS_ENGINE),
        settings.get(TRANSPORT),
        settings.get(PORT),
        workers(settings.get(WORKERS)),
        settings.get(STATS_PORT),
        settings.get(READY_PORT),
        settings.get(LOG_FORMAT),
        settings.get(DRAIN_DEADLINE),
        AcceptConfig.from(settings),
        new PoolSettings(
            tunnels.connectTimeout(),
            settings.get(BACKEND_IDLE),
            pools.maxConnections(),
            pools.maxWaiting(),
            pools.responseWindow(),
            pools.maxHeadBytes()),
        tunnels,
        LimitConfig.from(settings),
        TraceSettings.from(settings),
        settings.get(CLIENT_CERT));
  }

  /** The trust domain with its aliases. */
  TrustDomains trustDomains() {
    return new TrustDomains(trustDomain, identity.aliases());
  }

  /** Who it is in the mesh. */
  Self self() {
    return new Self(
        waypoint,
        className,
        pod,
        SpiffeId.workload(trustDomain, waypoint.namespace(), serviceAccount),
        rootNamespaces);
  }

  /** What it says of itself to the control plane. */
  NodeIdentity proxy() {
    return NodeIdentity.waypoint(node, pod, waypoint.namespace(), instanceIp);
  }

  private static int workers(int set) {
    return set > 0 ? set : Runtime.getRuntime().availableProcessors();
  }

  private static Setting<Endpoint> endpoint(String key, String why) {
    return new Setting<>(key, "host:port", Optional.empty(), true, why, Endpoint::parse);
  }

  private static WaypointName name(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
      throw new IllegalArgumentException("write namespace and name with a slash between them");
    }
    return new WaypointName(parts[0], parts[1]);
  }

  private static List<String> names(String text) {
    List<String> names = Stream.of(text.split(",", -1)).map(String::strip).toList();
    if (names.contains("")) {
      throw new IllegalArgumentException("write names with a comma between them");
    }
    return names;
  }

  private static TrustDomain trustDomain(String text) {
    try {
      return new TrustDomain(text);
    } catch (InvalidSpiffeIdException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
