// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import static dev.culvert.policy.settings.Setting.path;
import static dev.culvert.policy.settings.Setting.text;

import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.ztunnel.config.IdentityConfig;
import dev.culvert.ztunnel.config.LimitConfig;
import dev.culvert.ztunnel.config.ProxySettings;
import dev.culvert.ztunnel.config.TunnelConfig;
import dev.culvert.ztunnel.controlplane.Endpoint;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.TlsEngine;
import dev.culvert.ztunnel.limits.LimitSettings;
import dev.culvert.ztunnel.xds.NodeIdentity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How an instance of a Gateway takes part in the mesh: who it is, and where its control plane is.
 *
 * @param gateway that it is an instance of
 * @param node this node, as its pod names it in spec.nodeName
 * @param pod its own pod, of the Gateway's namespace
 * @param rootCert PEM file, trusted for the control plane only
 * @param domain the end of services' host names
 * @param rootNamespaces policies in them can be for its class; at least one
 */
public record MemberConfig(
    WaypointName gateway,
    String node,
    String pod,
    String serviceAccount,
    String instanceIp,
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
    TunnelSettings tunnels,
    LimitSettings limits) {

  private static final Setting<Optional<String>> SERVICE_ACCOUNT =
      text("service-account", "", "That of its pod; named like the Gateway unless given.")
          .optional();
  private static final Setting<String> INSTANCE_IP =
      text("instance-ip", "127.0.0.1", "The address of its pod; control planes log it.");
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
  private static final Setting<List<String>> ROOT_NAMESPACES =
      new Setting<>(
          "root-namespaces",
          "NAME,NAME,...",
          Optional.of(String.join(",", MeshPolicies.ROOT_NAMESPACES)),
          false,
          "As the control plane has them: policies there may be for a GatewayClass.",
          MemberConfig::names);

  /** What has a default, in the order in which help shows it. */
  static final List<Setting<?>> ALL =
      Stream.of(
              List.<Setting<?>>of(
                  SERVICE_ACCOUNT,
                  INSTANCE_IP,
                  ProxySettings.CA_ADDRESS,
                  ROOT_CERT,
                  TOKEN_FILE,
                  ProxySettings.TRUST_DOMAIN,
                  ProxySettings.CLUSTER,
                  ProxySettings.CLUSTER_DOMAIN,
                  ProxySettings.NETWORK,
                  ROOT_NAMESPACES,
                  ProxySettings.CERTIFICATE_TTL,
                  ProxySettings.TLS_ENGINE),
              TunnelConfig.ALL,
              LimitConfig.ALL,
              IdentityConfig.ALL)
          .flatMap(List::stream)
          .toList();

  public MemberConfig {
    rootNamespaces = List.copyOf(rootNamespaces);
  }

  /** The Gateway that a process is an instance of. */
  static Setting<WaypointName> gateway(String key, String why) {
    return new Setting<>(key, "NAMESPACE/NAME", Optional.empty(), true, why, MemberConfig::name);
  }

  /** What was set beside who it is and where its control plane is. */
  static MemberConfig from(
      Settings settings, WaypointName gateway, String node, String pod, Endpoint xdsAddress) {
    return new MemberConfig(
        gateway,
        node,
        pod,
        settings.get(SERVICE_ACCOUNT).orElse(gateway.name()),
        settings.get(INSTANCE_IP),
        xdsAddress,
        settings.get(ProxySettings.CA_ADDRESS).orElse(xdsAddress),
        settings.get(ROOT_CERT),
        settings.get(TOKEN_FILE),
        settings.get(ProxySettings.TRUST_DOMAIN),
        IdentityConfig.from(settings),
        settings.get(ProxySettings.CLUSTER),
        settings.get(ProxySettings.CLUSTER_DOMAIN),
        settings.get(ProxySettings.NETWORK),
        settings.get(ROOT_NAMESPACES),
        settings.get(ProxySettings.CERTIFICATE_TTL),
        settings.get(ProxySettings.TLS_ENGINE),
        TunnelConfig.from(settings),
        LimitConfig.from(settings));
  }

  /** The trust domain with its aliases. */
  TrustDomains trustDomains() {
    return new TrustDomains(trustDomain, identity.aliases());
  }

  /**
   * Who it is in the mesh.
   *
   * @param className of the Gateway
   */
  Self self(String className) {
    return new Self(
        gateway,
        className,
        pod,
        SpiffeId.workload(trustDomain, gateway.namespace(), serviceAccount),
        rootNamespaces);
  }

  /** What it says of itself to the control plane. */
  NodeIdentity proxy() {
    return NodeIdentity.waypoint(node, pod, gateway.namespace(), instanceIp);
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
}
