// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.controlplane.provision.WaypointDefaults;
import dev.culvert.controlplane.provision.WaypointSize;
import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.policy.spiffe.InvalidSpiffeIdException;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.translate.MeshPolicies;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The settings of a control plane, and what each may say. */
final class ControlPlaneSettings {
  private static final Setting<String> SOURCE =
      Setting.text(
              "source",
              "",
              "what describes the mesh: a folder of Kubernetes YAML, or 'kubernetes' for an API server")
          .withoutDefault();
  private static final Setting<String> KUBECONFIG =
      Setting.text(
          "kubeconfig",
          "",
          "with source=kubernetes; empty for the pod's ServiceAccount, or what KUBECONFIG names");
  private static final Setting<Path> STATE =
      Setting.path("state", "/var/lib/culvert", "keeps the root, node tokens and status.json");
  private static final Setting<InetSocketAddress> LISTEN =
      new Setting<>(
          "listen",
          "ADDRESS:PORT",
          Optional.of("127.0.0.1:15012"),
          false,
          "discovery and certificates; the port that ztunnel expects",
          ListenAddress::parse);
  private static final Setting<Optional<InetSocketAddress>> STATS =
      new Setting<>(
          "stats-listen",
          "ADDRESS:PORT",
          Optional.of(""),
          false,
          "metrics for Prometheus and readiness, without a password: on 15014 where dashboards of Istio look; empty for none",
          ControlPlaneSettings::optional);
  private static final Setting<List<String>> SERVING_NAMES =
      list(
          "serving-names",
          "",
          KubernetesNames::names,
          "names and addresses that proxies call it by, beside localhost and the listen address");
  private static final Setting<TrustDomain> TRUST_DOMAIN =
      new Setting<>(
          "trust-domain",
          "text",
          Optional.of("cluster.local"),
          false,
          "whose identities are signed; Kubernetes' meshes share this name",
          ControlPlaneSettings::trustDomain);
  private static final Setting<String> CLUSTER =
      Setting.text("cluster", "Kubernetes", "the first part of every workload's uid");
  private static final Setting<String> NETWORK =
      Setting.text("network", "", "set only where networks with the same addresses meet");
  private static final Setting<String> CLUSTER_DOMAIN =
      Setting.text("cluster-domain", "cluster.local", "ends the host names of services");
  private static final Setting<List<String>> ROOT_NAMESPACES =
      list(
          "root-namespaces",
          String.join(",", MeshPolicies.ROOT_NAMESPACES),
          KubernetesNames::atLeastOne,
          "policies in them are for the whole mesh");
  private static final Setting<String> CA_CERTS =
      Setting.text(
          "ca-certs",
          "",
          "a folder in the layout of Istio's Secret cacerts: signs with its CA, instead of a root made in 'state'; followed while it changes");
  private static final Setting<String> CA_SIGNER =
      Setting.text(
          "ca-signer",
          "",
          "with source=kubernetes: a signer of the cluster (CertificateSigningRequest), as example.com/mesh; it signs instead of a root of ours");
  private static final Setting<String> CA_ROOTS =
      Setting.text(
          "ca-roots",
          "",
          "with ca-signer: a file of all roots that what it signs leads to, PEM; followed while it changes");
  private static final Setting<Duration> CERTIFICATE_TTL =
      new Setting<>(
          "certificate-ttl",
          "10m, 24h, 7d",
          Optional.of("24h"),
          false,
          "proxies renew at half of it; a day bounds what a stolen key is good for",
          ControlPlaneSettings::ttl);
  private static final Setting<Duration> DRAIN =
      Setting.duration("drain", Duration.ofSeconds(5), "how long a stop waits for open calls");

  private static final Setting<String> NAMESPACE =
      new Setting<>(
          "namespace",
          "NAME",
          Optional.of("culvert-system"),
          false,
          "with source=kubernetes: keeps the root (Secret culvert-ca), what proxies trust (ConfigMap culvert-ca-root-cert) and the lease of the leader",
          KubernetesNames::name);
  private static final Setting<List<String>> NODE_ACCOUNTS =
      new Setting<>(
          "node-accounts",
          "NAMESPACE/NAME,...",
          Optional.of("culvert-system/ztunnel"),
          false,
          "with source=kubernetes: ServiceAccounts whose pods get certificates for the other pods of their node",
          KubernetesNames::accounts);
  private static final Setting<List<String>> TOKEN_AUDIENCES =
      list(
          "token-audiences",
          "istio-ca",
          KubernetesNames::atLeastOne,
          "with source=kubernetes: what the tokens of node proxies and waypoints must be for");
  private static final Setting<String> WAYPOINT_IMAGE =
      Setting.text(
          "waypoint-image",
          "",
          "with source=kubernetes: the image of Culvert that waypoints and front doors are made of; empty makes none");
  private static final Setting<WaypointSize> WAYPOINT_REPLICAS =
      new Setting<>(
          "waypoint-replicas",
          "MIN-MAX",
          Optional.of("2-5"),
          false,
          "of each waypoint whose Gateway says nothing else; two go on when a node is lost",
          WaypointSize::parse);
  private static final Setting<String> WAYPOINT_CPU =
      quantity("waypoint-cpu", "200m", "what a replica of a waypoint requests of its node");
  private static final Setting<String> WAYPOINT_MEMORY =
      quantity(
          "waypoint-memory",
          "512Mi",
          "what a replica of a waypoint requests of its node, and may use at most");

  private static final Setting<Optional<String>> NODE_TAINT =
      new Setting<>(
          "node-taint",
          "KEY",
          Optional.of(""),
          false,
          "with source=kubernetes: a taint that new nodes register with, as culvert.dev/agent-not-ready; the leader takes it away once agent and ztunnel are ready there; empty for none",
          KubernetesNames::taint);

  private static final Setting<Optional<InetSocketAddress>> WEBHOOK =
      new Setting<>(
          "webhook-listen",
          "ADDRESS:PORT",
          Optional.of(""),
          false,
          "with source=kubernetes: where the API server asks about objects before it stores them; empty for nowhere",
          ControlPlaneSettings::optional);
  private static final Setting<String> WEBHOOK_CONFIGURATION =
      new Setting<>(
          "webhook-configuration",
          "NAME",
          Optional.of("culvert-validator"),
          false,
          "with webhook-listen: the ValidatingWebhookConfiguration whose caBundle the leader keeps",
          KubernetesNames::name);

  private ControlPlaneSettings() {}

  /** All settings of this process. */
  static List<Setting<?>> all() {
    return List.of(
        SOURCE,
        KUBECONFIG,
        STATE,
        LISTEN,
        STATS,
        SERVING_NAMES,
        TRUST_DOMAIN,
        CLUSTER,
        NETWORK,
        CLUSTER_DOMAIN,
        ROOT_NAMESPACES,
        CA_CERTS,
        CA_SIGNER,
        CA_ROOTS,
        CERTIFICATE_TTL,
        DRAIN,
        NAMESPACE,
        NODE_ACCOUNTS,
        TOKEN_AUDIENCES,
        WAYPOINT_IMAGE,
        WAYPOINT_REPLICAS,
        WAYPOINT_CPU,
        WAYPOINT_MEMORY,
        NODE_TAINT,
        WEBHOOK,
        WEBHOOK_CONFIGURATION);
  }

  /** The configuration that the settings say. */
  static ControlPlaneConfig read(Settings settings) {
    return new ControlPlaneConfig(
        MeshSource.parse(settings.get(SOURCE), settings.get(KUBECONFIG)),
        settings.get(STATE),
        settings.get(LISTEN),
        settings.get(STATS),
        settings.get(SERVING_NAMES),
        new MeshNames(
            settings.get(TRUST_DOMAIN),
            settings.get(CLUSTER),
            settings.get(NETWORK),
            settings.get(CLUSTER_DOMAIN),
            settings.get(ROOT_NAMESPACES)),
        AuthorityChoice.of(settings.get(CA_CERTS), settings.get(CA_SIGNER), settings.get(CA_ROOTS)),
        settings.get(CERTIFICATE_TTL),
        settings.get(DRAIN),
        settings.get(NAMESPACE),
        settings.get(NODE_ACCOUNTS),
        settings.get(TOKEN_AUDIENCES),
        new WaypointDefaults(
            settings.get(WAYPOINT_IMAGE),
            settings.get(WAYPOINT_REPLICAS),
            settings.get(WAYPOINT_CPU),
            settings.get(WAYPOINT_MEMORY)),
        settings.get(NODE_TAINT),
        settings.get(WEBHOOK),
        settings.get(WEBHOOK_CONFIGURATION));
  }

  private static Setting<List<String>> list(
      String key, String standard, Function<String, List<String>> parser, String why) {
    return new Setting<>(key, "NAME,NAME,...", Optional.of(standard), false, why, parser);
  }

  private static Setting<String> quantity(String key, String standard, String why) {
    return new Setting<>(
        key, "QUANTITY", Optional.of(standard), false, why, KubernetesNames::quantity);
  }

  private static Optional<InetSocketAddress> optional(String text) {
    return Optional.of(text).filter(one -> !one.isEmpty()).map(ListenAddress::parse);
  }

  private static TrustDomain trustDomain(String text) {
    try {
      return new TrustDomain(text);
    } catch (InvalidSpiffeIdException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static Duration ttl(String text) {
    Duration ttl = Setting.duration("certificate-ttl", Duration.ZERO, "").parser().apply(text);
    if (ttl.toSeconds() < 1 || ttl.toDays() > 365) {
      throw new IllegalArgumentException("choose 1s to 365d");
    }
    return ttl;
  }
}
