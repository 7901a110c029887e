// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The objects that Culvert is made of, in an order in which each finds what it needs.
 *
 * @param objects in the order of their making
 */
record Parts(List<HasMetadata> objects) {
  /** Kinds that others stand on; all the rest comes after them in the chart's own order. */
  private static final List<String> FIRST =
      List.of(
          "Namespace",
          "CustomResourceDefinition",
          "ResourceQuota",
          "ServiceAccount",
          "ClusterRole",
          "ClusterRoleBinding",
          "Role",
          "RoleBinding",
          "NetworkPolicy",
          "Service");

  /** What kinds the chart has, for finding what an earlier version left. */
  static final List<Kind> KINDS =
      List.of(
          new Kind("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", false),
          new Kind("apps/v1", "DaemonSet", true),
          new Kind("apps/v1", "Deployment", true),
          new Kind("policy/v1", "PodDisruptionBudget", true),
          new Kind("v1", "Service", true),
          new Kind("networking.k8s.io/v1", "NetworkPolicy", true),
          new Kind("rbac.authorization.k8s.io/v1", "RoleBinding", true),
          new Kind("rbac.authorization.k8s.io/v1", "Role", true),
          new Kind("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", false),
          new Kind("rbac.authorization.k8s.io/v1", "ClusterRole", false),
          new Kind("v1", "ServiceAccount", true),
          new Kind("v1", "ResourceQuota", true),
          new Kind("gateway.networking.k8s.io/v1", "GatewayClass", false));

  /** A kind of object. */
  record Kind(String apiVersion, String name, boolean namespaced) {}

  Parts {
    objects =
        objects.stream().sorted(Comparator.comparingInt(object -> rank(object.getKind()))).toList();
  }

  private static int rank(String kind) {
    int at = FIRST.indexOf(kind);
    return at < 0 ? FIRST.size() : at;
  }

  /** Those of a rendered chart. */
  static Parts of(KubernetesClient client, String rendered) {
    byte[] yaml = rendered.getBytes(StandardCharsets.UTF_8);
    return new Parts(client.load(new ByteArrayInputStream(yaml)).items());
  }

  /** Whether it is among them. */
  boolean has(HasMetadata object) {
    return names().contains(name(object));
  }

  private Set<String> names() {
    return objects.stream().map(Parts::name).collect(Collectors.toSet());
  }

  /** As people write it. */
  static String name(HasMetadata object) {
    return object.getKind() + " " + object.getMetadata().getName();
  }
}
