// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import static dev.culvert.controlplane.provision.Tree.first;
import static dev.culvert.controlplane.provision.Tree.map;
import static dev.culvert.controlplane.provision.Tree.maps;

import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.policy.resource.GatewayResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The objects that a Gateway consists of. Pure: the same Gateway gives the same objects. */
final class GatewayObjects {
  private static final KubernetesSerialization YAML = new KubernetesSerialization();
  private static final String ROOTS = "root-cert.pem";

  private final WaypointDefaults defaults;
  private final MeshNames names;
  private final String systemNamespace;
  private final String audience;

  /**
   * @param systemNamespace where the control plane is
   * @param audience what the control plane takes tokens for
   */
  GatewayObjects(
      WaypointDefaults defaults, MeshNames names, String systemNamespace, String audience) {
    this.defaults = defaults;
    this.names = names;
    this.systemNamespace = systemNamespace;
    this.audience = audience;
  }

  /**
   * What is wanted for a Gateway.
   *
   * @param parameters beside those of its size
   * @param roots what it trusts, as PEM
   */
  Map<ManagedKind, GenericKubernetesResource> of(
      Shape shape,
      GatewayResource gateway,
      WaypointSize size,
      Map<String, String> parameters,
      String roots) {
    Map<ManagedKind, GenericKubernetesResource> objects = new EnumMap<>(ManagedKind.class);
    for (String document : template(shape).split("(?m)^---$", -1)) {
      GenericKubernetesResource object = YAML.unmarshal(document, GenericKubernetesResource.class);
      ManagedKind kind = ManagedKind.of(object.getKind());
      object.setMetadata(
          new ObjectMetaBuilder()
              .withNamespace(gateway.metadata().namespace())
              .withName(kind.nameFor(gateway.metadata().name()))
              .withLabels(Marks.labels(gateway))
              .withAnnotations(gateway.infrastructure().annotations())
              .withOwnerReferences(Marks.owner(gateway))
              .build());
      fill(kind, object, shape, gateway, size, roots);
      objects.put(kind, object);
    }
    shape.service(spec(objects.get(ManagedKind.SERVICE)), gateway, parameters);
    if (size.isFixed()) {
      objects.remove(ManagedKind.AUTOSCALER);
    }
    return objects;
  }

  private void fill(
      ManagedKind kind,
      GenericKubernetesResource object,
      Shape shape,
      GatewayResource gateway,
      WaypointSize size,
      String roots) {
    switch (kind) {
      case SERVICE_ACCOUNT -> {}
      case CONFIG_MAP -> object.setAdditionalProperty("data", Map.of(ROOTS, roots));
      case SERVICE -> spec(object).put("selector", Marks.selector(gateway));
      case DEPLOYMENT -> deployment(spec(object), shape, gateway, size);
      case AUTOSCALER -> autoscaler(spec(object), gateway, size);
      case DISRUPTION_BUDGET ->
          spec(object).put("selector", Map.of("matchLabels", Marks.selector(gateway)));
    }
  }

  private void deployment(
      Map<String, Object> spec, Shape shape, GatewayResource gateway, WaypointSize size) {
    if (size.isFixed()) {
      spec.put("replicas", size.min());
    }
    spec.put("selector", Map.of("matchLabels", Marks.selector(gateway)));
    Map<String, Object> template = map(spec, "template");
    Map<String, Object> metadata = map(template, "metadata");
    Map<String, Object> labels = new HashMap<>(Marks.labels(gateway));
    labels.put("culvert.dev/dataplane-mode", "none");
    metadata.put("labels", labels);
    map(metadata, "annotations").putAll(gateway.infrastructure().annotations());
    pod(map(template, "spec"), shape, gateway);
  }

  private void pod(Map<String, Object> pod, Shape shape, GatewayResource gateway) {
    String name = gateway.metadata().name();
    pod.put("serviceAccountName", ManagedKind.SERVICE_ACCOUNT.nameFor(name));
    maps(pod, "topologySpreadConstraints")
        .forEach(one -> one.put("labelSelector", Map.of("matchLabels", Marks.selector(gateway))));
    List<Map<String, Object>> volumes = maps(pod, "volumes");
    map(volumes.get(0), "configMap").put("name", ManagedKind.CONFIG_MAP.nameFor(name));
    Map<String, Object> source = first(map(volumes.get(1), "projected"), "sources");
    map(source, "serviceAccountToken").put("audience", audience);
    Map<String, Object> container = first(pod, "containers");
    container.put("image", defaults.image());
    Map<String, String> own = new LinkedHashMap<>();
    shape.container(container, gateway, own);
    container.put("env", environment(own));
    container.put(
        "resources",
        Map.of(
            "requests",
            Map.of("cpu", defaults.cpu(), "memory", defaults.memory()),
            "limits",
            Map.of("memory", defaults.memory())));
  }

  private List<Map<String, Object>> environment(Map<String, String> own) {
    List<Map<String, Object>> env = new ArrayList<>();
    own.forEach((name, value) -> setting(env, name, value));
    setting(env, "XDS_ADDRESS", "culvert-controlplane.%s.svc:15012".formatted(systemNamespace));
    setting(env, "ROOT_CERT", "/var/run/secrets/culvert/" + ROOTS);
    setting(env, "TOKEN_FILE", "/var/run/secrets/tokens/istio-token");
    setting(env, "TRUST_DOMAIN", names.trustDomain().name());
    setting(env, "CLUSTER", names.cluster());
    setting(env, "NETWORK", names.network());
    setting(env, "CLUSTER_DOMAIN", names.clusterDomain());
    setting(env, "ROOT_NAMESPACES", String.join(",", names.rootNamespaces()));
    setting(env, "LOG_FORMAT", "json");
    field(env, "NODE", "spec.nodeName");
    field(env, "POD_NAME", "metadata.name");
    field(env, "INSTANCE_IP", "status.podIP");
    return env;
  }

  private static void setting(List<Map<String, Object>> env, String name, String value) {
    env.add(Map.of("name", "CULVERT_" + name, "value", value));
  }

  private static void field(List<Map<String, Object>> env, String name, String path) {
    env.add(
        Map.of(
            "name", "CULVERT_" + name, "valueFrom", Map.of("fieldRef", Map.of("fieldPath", path))));
  }

  private static void autoscaler(
      Map<String, Object> spec, GatewayResource gateway, WaypointSize size) {
    map(spec, "scaleTargetRef")
        .put("name", ManagedKind.DEPLOYMENT.nameFor(gateway.metadata().name()));
    spec.put("minReplicas", size.min());
    spec.put("maxReplicas", size.max());
    Map<String, Object> target = Map.of("type", "Utilization", "averageUtilization", size.cpu());
    spec.put(
        "metrics",
        List.of(Map.of("type", "Resource", "resource", Map.of("name", "cpu", "target", target))));
  }

  private static Map<String, Object> spec(GenericKubernetesResource object) {
    return map(object.getAdditionalProperties(), "spec");
  }

  private static String template(Shape shape) {
    try (InputStream in = GatewayObjects.class.getResourceAsStream(shape.template())) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(shape.template() + " cannot be read", e);
    }
  }
}
