// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.Map;

/** Objects of an API server, as an administrator handles them. */
final class Objects {
  private static final String WRITER = "culvert-tests";
  private static final Map<String, ResourceDefinitionContext> KINDS =
      Map.of(
          "namespaces", context("", "v1", "Namespace", "namespaces", false),
          "services", context("", "v1", "Service", "services", true),
          "authorizationpolicies",
              context(
                  "policy.culvert.dev",
                  "v1alpha1",
                  "AuthorizationPolicy",
                  "authorizationpolicies",
                  true),
          "trafficpolicies",
              context("policy.culvert.dev", "v1alpha1", "TrafficPolicy", "trafficpolicies", true),
          "gateways", context("gateway.networking.k8s.io", "v1", "Gateway", "gateways", true),
          "httproutes",
              context("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes", true));

  private final KubernetesClient client;

  Objects(KubernetesClient client) {
    this.client = client;
  }

  /** Server-side apply. */
  void apply(String yaml) {
    GenericKubernetesResource object =
        client.getKubernetesSerialization().unmarshal(yaml, GenericKubernetesResource.class);
    ResourceDefinitionContext kind =
        KINDS.values().stream()
            .filter(one -> one.getKind().equals(object.getKind()))
            .findFirst()
            .orElseThrow();
    var all = client.genericKubernetesResources(kind);
    var resource =
        kind.isNamespaceScoped()
            ? all.inNamespace(object.getMetadata().getNamespace()).resource(object)
            : all.resource(object);
    resource.fieldManager(WRITER).serverSideApply();
  }

  GenericKubernetesResource get(String plural, String namespace, String name) {
    return client
        .genericKubernetesResources(KINDS.get(plural))
        .inNamespace(namespace)
        .withName(name)
        .get();
  }

  boolean says(
      String plural, String namespace, String name, String type, String status, String reason) {
    List<Map<String, Object>> conditions = get(plural, namespace, name).get("status", "conditions");
    return conditions != null
        && conditions.stream()
            .anyMatch(
                one ->
                    type.equals(one.get("type"))
                        && status.equals(one.get("status"))
                        && reason.equals(one.get("reason")));
  }

  boolean isDefined(String definition) {
    return definition(definition) != null;
  }

  boolean isEstablished(String definition) {
    return definition(definition).getStatus().getConditions().stream()
        .anyMatch(one -> one.getType().equals("Established") && one.getStatus().equals("True"));
  }

  private CustomResourceDefinition definition(String name) {
    return client.apiextensions().v1().customResourceDefinitions().withName(name).get();
  }

  boolean isServed(String apiVersion, String kind) {
    return client.supports(apiVersion, kind);
  }

  void deleteNamespace(String name) {
    var _ = client.namespaces().withName(name).delete();
  }

  private static ResourceDefinitionContext context(
      String group, String version, String kind, String plural, boolean namespaced) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(group)
        .withVersion(version)
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(namespaced)
        .build();
  }
}
