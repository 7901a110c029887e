// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import static dev.culvert.policy.settings.Setting.choice;
import static dev.culvert.policy.settings.Setting.duration;
import static dev.culvert.policy.settings.Setting.integer;
import static dev.culvert.policy.settings.Setting.text;

import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.spiffe.InvalidSpiffeIdException;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.ztunnel.controlplane.Endpoint;
import dev.culvert.ztunnel.identity.TlsEngine;
import dev.culvert.ztunnel.telemetry.LogFormat;
import dev.culvert.ztunnel.transport.TransportChoice;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The settings that mean the same for every proxy: ztunnel, waypoint and front door. */
public final class ProxySettings {
  /** Of the CA. */
  public static final Setting<Optional<Endpoint>> CA_ADDRESS =
      endpoint("ca-address", "Where it signs certificates; as xds-address unless given.")
          .optional();

  /** Of the mesh. */
  public static final Setting<TrustDomain> TRUST_DOMAIN =
      new Setting<>(
          "trust-domain",
          "name",
          Optional.of("cluster.local"),
          false,
          "The trust domain whose identities are believed.",
          ProxySettings::trustDomain);

  /** Of the control plane's. */
  public static final Setting<String> CLUSTER =
      text("cluster", "Kubernetes", "The cluster's id, as istiod names its own by default.");

  /** Of the cluster. */
  public static final Setting<String> CLUSTER_DOMAIN =
      text("cluster-domain", "cluster.local", "The end of services' host names.");

  /** Of the node. */
  public static final Setting<String> NETWORK =
      text("network", "", "The network of this node; addresses of others mean something else.");

  /** Of the proxy's certificates. */
  public static final Setting<Duration> CERTIFICATE_TTL =
      duration("certificate-ttl", Duration.ofHours(24), "Asked of the CA; renewed at half of it.");

  /** Of its tunnels. */
  public static final Setting<TlsEngine> TLS_ENGINE =
      choice(
          "tls-engine", TlsEngine.AUTO, "auto takes BoringSSL where it loads, else the JDK's TLS.");

  /** Of its sockets. */
  public static final Setting<TransportChoice> TRANSPORT =
      new Setting<>(
          "transport",
          "auto|io_uring|epoll|nio",
          Optional.of("auto"),
          false,
          "The way to the kernel; auto takes epoll, io_uring or nio, the first that works here.",
          ProxySettings::transport);

  /** Where the kubelet asks. */
  public static final Setting<Integer> READY_PORT =
      integer("ready-port", 15021, 0, 65535, "Readiness for the kubelet.");

  /** Of what it says. */
  public static final Setting<LogFormat> LOG_FORMAT =
      choice("log-format", LogFormat.TEXT, "Log lines for people, or for machines.");

  private ProxySettings() {}

  /** Where something is reached; required. */
  public static Setting<Endpoint> endpoint(String key, String why) {
    return new Setting<>(key, "host:port", Optional.empty(), true, why, Endpoint::parse);
  }

  private static TrustDomain trustDomain(String text) {
    try {
      return new TrustDomain(text);
    } catch (InvalidSpiffeIdException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** With the underscore that the kernel's interface has in its name, or a dash. */
  private static TransportChoice transport(String text) {
    return Arrays.stream(TransportChoice.values())
        .filter(choice -> choice.name().toLowerCase(Locale.ROOT).equals(text.replace('-', '_')))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("choose one of auto, io_uring, epoll, nio"));
  }
}
