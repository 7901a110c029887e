// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.Arrays;

/** The kinds of objects that a Gateway consists of, in the order in which they are made. */
enum ManagedKind {
  SERVICE_ACCOUNT("", "v1", "ServiceAccount", "serviceaccounts", ""),
  CONFIG_MAP("", "v1", "ConfigMap", "configmaps", "-root-cert"),
  SERVICE("", "v1", "Service", "services", ""),
  DEPLOYMENT("apps", "v1", "Deployment", "deployments", ""),
  AUTOSCALER("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", ""),
  DISRUPTION_BUDGET("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", "");

  private final String group;
  private final String version;
  private final String kind;
  private final String plural;
  private final String suffix;

  ManagedKind(String group, String version, String kind, String plural, String suffix) {
    this.group = group;
    this.version = version;
    this.kind = kind;
    this.plural = plural;
    this.suffix = suffix;
  }

  static ManagedKind of(String kind) {
    return Arrays.stream(values())
        .filter(one -> one.kind.equals(kind))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(kind));
  }

  /** The name of the object that a Gateway of a name has. */
  String nameFor(String gateway) {
    return gateway + suffix;
  }

  Resource<GenericKubernetesResource> at(KubernetesClient client, String namespace, String name) {
    return client.genericKubernetesResources(context()).inNamespace(namespace).withName(name);
  }

  Resource<GenericKubernetesResource> at(
      KubernetesClient client, GenericKubernetesResource object) {
    return client
        .genericKubernetesResources(context())
        .inNamespace(object.getMetadata().getNamespace())
        .resource(object);
  }

  /** For messages: {@code Deployment NAME}. */
  String text(String name) {
    return kind + " " + name;
  }

  private ResourceDefinitionContext context() {
    return new ResourceDefinitionContext.Builder()
        .withGroup(group)
        .withVersion(version)
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(true)
        .build();
  }
}
