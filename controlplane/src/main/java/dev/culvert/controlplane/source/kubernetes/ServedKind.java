// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import dev.culvert.policy.resource.ResourceKind;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.util.Optional;

/**
 * A kind as the API server has it, by its own discovery: it may have one of the versions that we
 * read or none, and it alone knows the name in URLs.
 *
 * @param plural the name in URLs
 */
record ServedKind(ResourceKind kind, String version, String plural) {

  /**
   * Asks for the first of our versions that is served.
   *
   * @return empty when none is: the kind is not installed
   * @throws KubernetesClientException when the API server does not say
   */
  static Optional<ServedKind> find(KubernetesClient client, ResourceKind kind) {
    for (String version : kind.versions()) {
      Optional<APIResource> found = resource(client, kind, version);
      if (found.isPresent()) {
        return Optional.of(new ServedKind(kind, version, found.get().getName()));
      }
    }
    return Optional.empty();
  }

  /** Whether every API server has the kind; others are there once somebody installs them. */
  static boolean isBuiltIn(ResourceKind kind) {
    return kind.group().isEmpty() || kind.group().equals("discovery.k8s.io");
  }

  String apiVersion() {
    return kind.apiVersion(version);
  }

  ResourceDefinitionContext context() {
    return new ResourceDefinitionContext.Builder()
        .withGroup(kind.group())
        .withVersion(version)
        .withKind(kind.name())
        .withPlural(plural)
        .withNamespaced(kind.namespaced())
        .build();
  }

  /** What stands behind a slash is a subresource of the same kind. */
  private static Optional<APIResource> resource(
      KubernetesClient client, ResourceKind kind, String version) {
    String path = (kind.group().isEmpty() ? "/api/" : "/apis/") + kind.apiVersion(version);
    return list(client, path)
        .flatMap(
            list ->
                list.getResources().stream()
                    .filter(one -> one.getKind().equals(kind.name()))
                    .filter(one -> one.getName().indexOf('/') < 0)
                    .findFirst());
  }

  private static Optional<APIResourceList> list(KubernetesClient client, String path) {
    try {
      return Optional.ofNullable(client.raw(path))
          .map(json -> client.getKubernetesSerialization().unmarshal(json, APIResourceList.class));
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
