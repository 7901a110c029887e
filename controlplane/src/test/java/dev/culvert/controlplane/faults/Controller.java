// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.faults;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.culvert.controlplane.admission.WebhookTrust;
import dev.culvert.controlplane.ca.CertificateAuthority;
import dev.culvert.controlplane.ca.RootRotation;
import dev.culvert.controlplane.ca.SecretRoot;
import dev.culvert.controlplane.ca.TrustBundle;
import dev.culvert.controlplane.model.IncrementalModel;
import dev.culvert.controlplane.nodes.NodeTaints;
import dev.culvert.controlplane.provision.Provisioning;
import dev.culvert.controlplane.provision.WaypointDefaults;
import dev.culvert.controlplane.provision.WaypointSize;
import dev.culvert.controlplane.report.Events;
import dev.culvert.controlplane.report.StatusReporter;
import dev.culvert.controlplane.source.kubernetes.Sightings;
import dev.culvert.controlplane.status.StatusWriter;
import dev.culvert.controlplane.status.WritePace;
import dev.culvert.controlplane.verdict.Verdicts;
import dev.culvert.policy.resource.ResourceKey;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What reads an API server, or writes to it, and how one sees that it does. */
enum Controller {
  MESH("services", false) {
    @Override
    Job start(Cluster cluster) throws Exception {
      Set<ResourceKey> known = ConcurrentHashMap.newKeySet();
      cluster.follow(changes -> changes.put().forEach(one -> known.add(one.key())), Sightings.NONE);
      return new Job(
          turn ->
              cluster
                  .server()
                  .apply(
                      """
                      apiVersion: v1
                      kind: Service
                      metadata: {name: web-%d, namespace: shop}
                      spec: {clusterIP: 198.18.1.1, ports: [{port: 80}]}
                      """
                          .formatted(turn)),
          turn -> known.contains(new ResourceKey("Service", "shop", "web-" + turn)));
    }
  },
  CONFIGURATION("configmaps", false) {
    @Override
    Job start(Cluster cluster) throws Exception {
      Set<String> known = ConcurrentHashMap.newKeySet();
      ResourceKey config = new ResourceKey("ConfigMap", Cluster.SYSTEM, "culvert");
      cluster.follow(
          changes -> {
            if (changes.texts().containsKey(config)) {
              known.add(changes.texts().get(config));
            }
          },
          Sightings.NONE);
      return new Job(
          turn ->
              cluster
                  .server()
                  .apply(
                      """
                      apiVersion: v1
                      kind: ConfigMap
                      metadata: {name: culvert, namespace: culvert-system}
                      data: {mesh: "extensionProviders: [{name: p-%d-, envoyExtAuthzHttp: {service: a.b, port: 80}}]"}
                      """
                          .formatted(turn)),
          turn -> known.stream().anyMatch(one -> one.contains("p-%d-".formatted(turn))));
    }
  },
  STATUS("authorizationpolicies", true) {
    @Override
    Job start(Cluster cluster) throws Exception {
      InstantSource clock = InstantSource.system();
      StatusReporter reporter =
          StatusReporter.start(
              new StatusWriter(
                  cluster.client(), cluster::leads, new WritePace(Duration.ZERO, 1), clock),
              new Events(cluster.client(), "replica", clock),
              cluster::leads,
              new StatusReporter.Pace(Duration.ofMillis(5), Duration.ofMillis(20)),
              clock);
      cluster.ends(reporter::close);
      IncrementalModel model = new IncrementalModel(Cluster.NAMES);
      Verdicts verdicts = new Verdicts(Cluster.NAMES);
      cluster.follow(
          changes ->
              reporter.update(
                  verdicts.update(
                      changes, model.update(changes.put(), changes.removed()).notices())),
          reporter.sightings());
      return new Job(
          turn ->
              cluster
                  .server()
                  .apply(
                      """
                      apiVersion: policy.culvert.dev/v1alpha1
                      kind: AuthorizationPolicy
                      metadata: {name: rules-%d, namespace: shop}
                      spec: {action: ALLOW}
                      """
                          .formatted(turn)),
          turn ->
              String.valueOf(
                      find(
                              cluster,
                              "policy.culvert.dev/v1alpha1",
                              "authorizationpolicies",
                              "shop",
                              "rules-" + turn)
                          .map(one -> one.<Object>get("status", "conditions"))
                          .orElse(null))
                  .contains("reason=Accepted"));
    }
  },
  WAYPOINTS("deployments", true) {
    @Override
    Job start(Cluster cluster) throws Exception {
      Provisioning provisioning =
          Provisioning.start(
              cluster.client(),
              new WaypointDefaults("culvert:test", WaypointSize.parse("2-5"), "200m", "512Mi"),
              Cluster.NAMES,
              Cluster.SYSTEM,
              "istio-ca",
              cluster::leads,
              () -> "ROOT",
              Duration.ofMillis(50));
      cluster.ends(provisioning::close);
      cluster.follow(provisioning::update, Sightings.NONE);
      return new Job(
          turn ->
              cluster
                  .server()
                  .apply(
                      """
                      apiVersion: gateway.networking.k8s.io/v1
                      kind: Gateway
                      metadata: {name: store-%1$d, namespace: shop, uid: gw-%1$d, generation: 1}
                      spec:
                        gatewayClassName: culvert-waypoint
                        listeners: [{name: mesh, port: 15008, protocol: HBONE}]
                      """
                          .formatted(turn)),
          turn ->
              find(cluster, "apps/v1", "deployments", "shop", "store-" + turn).isPresent()
                  && find(cluster, "policy/v1", "poddisruptionbudgets", "shop", "store-" + turn)
                      .isPresent());
    }
  },
  TAINTS("nodes", true) {
    @Override
    Job start(Cluster cluster) throws Exception {
      NodeTaints taints =
          new NodeTaints(cluster.client(), "culvert.dev/new", Cluster.SYSTEM, cluster::leads);
      cluster.ends(taints::close);
      cluster.follow(_ -> {}, taints);
      cluster.repeat(taints);
      return new Job(
          turn ->
              cluster
                  .server()
                  .apply(
                      """
      apiVersion: v1
      kind: Node
      metadata: {name: node-%1$d}
      spec: {taints: [{key: culvert.dev/new, effect: NoExecute}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: agent-%1$d, namespace: culvert-system, labels: {app: culvert-agent}}
      spec: {nodeName: node-%1$d, containers: [{name: app, image: app}]}
      status: {phase: Running, conditions: [{type: Ready, status: "True"}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: ztunnel-%1$d, namespace: culvert-system, labels: {app: ztunnel}}
      spec: {nodeName: node-%1$d, containers: [{name: app, image: app}]}
      status: {phase: Running, conditions: [{type: Ready, status: "True"}]}
      """
                          .formatted(turn)),
          turn ->
              cluster
                  .server()
                  .find("v1", "nodes", "node-" + turn)
                  .map(one -> !String.valueOf(one.<Object>get("spec", "taints")).contains("new"))
                  .orElse(false));
    }
  },
  ROOTS("configmaps", true) {
    @Override
    Job start(Cluster cluster) throws Exception {
      CertificateAuthority authority = authority(cluster);
      cluster.repeat(new TrustBundle(cluster.client(), Cluster.SYSTEM, authority, cluster::leads));
      String roots = TrustBundle.text(authority);
      return new Job(
          turn ->
              cluster
                  .server()
                  .apply(
                      """
                      apiVersion: v1
                      kind: ConfigMap
                      metadata: {name: %s, namespace: culvert-system}
                      data: {root-cert.pem: overwritten}
                      """
                          .formatted(TrustBundle.CONFIG_MAP)),
          _ ->
              find(cluster, "v1", "configmaps", Cluster.SYSTEM, TrustBundle.CONFIG_MAP)
                  .map(one -> roots.equals(one.get("data", "root-cert.pem")))
                  .orElse(false));
    }
  },
  CHANGE_OF_ROOTS("secrets", true) {
    @Override
    Job start(Cluster cluster) throws Exception {
      CertificateAuthority _ = authority(cluster);
      cluster.repeat(
          RootRotation.of(
              cluster.client(),
              Cluster.SYSTEM,
              Cluster.NAMES.trustDomain(),
              Duration.ofHours(24),
              InstantSource.system(),
              cluster::leads));
      return new Job(
          turn -> {
            GenericKubernetesResource secret = secret(cluster).orElseThrow();
            Map<String, Object> data = secret.get("data");
            data.remove("next-cert.pem");
            data.remove("next-key.pem");
            secret.getMetadata().setAnnotations(Map.of("policy.culvert.dev/rotate-root", "now"));
            cluster.server().apply(cluster.client().getKubernetesSerialization().asYaml(secret));
          },
          _ -> secret(cluster).map(one -> one.get("data", "next-cert.pem") != null).orElse(false));
    }
  },
  WEBHOOK("validatingwebhookconfigurations", true) {
    @Override
    Job start(Cluster cluster) {
      cluster.repeat(
          new WebhookTrust(cluster.client(), "culvert-validator", () -> "ROOT", cluster::leads));
      String wanted = Base64.getEncoder().encodeToString("ROOT".getBytes(US_ASCII));
      return new Job(
          turn -> cluster.server().apply(WEBHOOK_CONFIGURATION),
          _ ->
              cluster
                  .server()
                  .find(
                      "admissionregistration.k8s.io/v1",
                      "validatingwebhookconfigurations",
                      "culvert-validator")
                  .map(one -> wanted.equals(one.get("webhooks", 0, "clientConfig", "caBundle")))
                  .orElse(false));
    }
  };

  private static final String WEBHOOK_CONFIGURATION =
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingWebhookConfiguration
      metadata: {name: culvert-validator}
      webhooks: [{name: one, clientConfig: {service: {name: a, namespace: b}}}]
      """;

  private final String collection;
  private final boolean writes;

  /**
   * @param collection the plural of what it reads or writes
   * @param writes whether only a leader does it
   */
  Controller(String collection, boolean writes) {
    this.collection = collection;
    this.writes = writes;
  }

  /** Starts it on a server that is well. */
  abstract Job start(Cluster cluster) throws Exception;

  String collection() {
    return collection;
  }

  /** Whether only a leader does it. */
  boolean writes() {
    return writes;
  }

  /** What can befall it. */
  List<Fault> faults() {
    return List.of(Fault.values()).stream()
        .filter(fault -> writes || !Set.of(Fault.WRITES_CONFLICT, Fault.LEASE_LOST).contains(fault))
        .toList();
  }

  private static CertificateAuthority authority(Cluster cluster) throws InterruptedException {
    return SecretRoot.open(
        cluster.client(),
        Cluster.SYSTEM,
        Cluster.NAMES.trustDomain(),
        InstantSource.system(),
        cluster::leads);
  }

  private static Optional<GenericKubernetesResource> secret(Cluster cluster) {
    return find(cluster, "v1", "secrets", Cluster.SYSTEM, "culvert-ca");
  }

  private static Optional<GenericKubernetesResource> find(
      Cluster cluster, String apiVersion, String plural, String namespace, String name) {
    return cluster.server().find(apiVersion, plural, namespace, name);
  }
}
