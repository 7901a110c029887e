// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceCondition;
import io.fabric8.kubernetes.api.model.NamespaceStatus;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What this command writes to an API server, and finds of its own there. */
final class Cluster {
  static final String PART_OF = "app.kubernetes.io/part-of";
  static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  static final String VERSION = "app.kubernetes.io/version";
  private static final String CONTROL_PLANE = "culvert-controlplane";
  private static final int NOT_FOUND = 404;

  private final KubernetesClient client;
  private final String namespace;

  Cluster(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /**
   * What is installed.
   *
   * @param version of Culvert
   * @param manager who installed it, {@link BundledChart#MANAGER} or another
   */
  record Installed(String version, String manager) {}

  /** Empty when there is no control plane in the namespace. */
  Optional<Installed> installed() {
    Deployment deployment =
        client.apps().deployments().inNamespace(namespace).withName(CONTROL_PLANE).get();
    return Optional.ofNullable(deployment)
        .map(found -> Optional.ofNullable(found.getMetadata().getLabels()).orElse(Map.of()))
        .map(
            labels ->
                new Installed(
                    labels.getOrDefault(VERSION, "unknown"),
                    labels.getOrDefault(MANAGED_BY, "unknown")));
  }

  /**
   * Refuses a namespace that is on its way out: nothing can be made in it any more.
   *
   * @throws IOException with what keeps it
   */
  void requireLivingNamespace() throws IOException {
    Namespace found = client.namespaces().withName(namespace).get();
    if (found == null || found.getMetadata().getDeletionTimestamp() == null) {
      return;
    }
    NamespaceStatus status = Optional.ofNullable(found.getStatus()).orElseGet(NamespaceStatus::new);
    List<String> keeping =
        status.getConditions().stream()
            .filter(condition -> "True".equals(condition.getStatus()))
            .map(NamespaceCondition::getMessage)
            .toList();
    throw new IOException(
        "namespace %s is being deleted%s; wait until it is gone ('kubectl wait --for=delete namespace/%1$s'), then do this again"
            .formatted(
                namespace, keeping.isEmpty() ? "" : " (" + String.join("; ", keeping) + ")"));
  }

  /** Makes or changes the object: by server-side apply, so that fields of others stay theirs. */
  void apply(HasMetadata object) {
    client.resource(object).fieldManager(BundledChart.MANAGER).forceConflicts().serverSideApply();
  }

  /** Objects of this command that are not among the parts: those of another version. */
  List<HasMetadata> leftovers(Parts parts) {
    List<HasMetadata> left = new ArrayList<>();
    for (Parts.Kind kind : Parts.KINDS) {
      mine(kind).stream().filter(object -> !parts.has(object)).forEach(left::add);
    }
    return left;
  }

  private List<GenericKubernetesResource> mine(Parts.Kind kind) {
    var all = client.genericKubernetesResources(context(kind));
    FilterWatchListDeletable<
            GenericKubernetesResource,
            GenericKubernetesResourceList,
            Resource<GenericKubernetesResource>>
        wanted =
            (kind.namespaced() ? all.inNamespace(namespace) : all)
                .withLabel(PART_OF, "culvert")
                .withLabel(MANAGED_BY, BundledChart.MANAGER);
    try {
      return wanted.resources().map(Resource::item).toList();
    } catch (KubernetesClientException e) {
      if (e.getCode() == NOT_FOUND) {
        return List.of(); // the kind is not installed
      }
      throw e;
    }
  }

  private static ResourceDefinitionContext context(Parts.Kind kind) {
    int slash = kind.apiVersion().indexOf('/');
    return new ResourceDefinitionContext.Builder()
        .withGroup(slash < 0 ? "" : kind.apiVersion().substring(0, slash))
        .withVersion(kind.apiVersion().substring(slash + 1))
        .withKind(kind.name())
        .withNamespaced(kind.namespaced())
        .build();
  }

  /** Deletes the object and all that it owns; none is no error. */
  void delete(HasMetadata object) {
    var _ = client.resource(object).delete();
  }

  /**
   * Deletes what outlives the parts: the root, what proxies trust, the lease, the kinds and with
   * them every policy.
   *
   * @return the names of what was there
   */
  List<String> purge() {
    List<String> gone = new ArrayList<>();
    purge(client.secrets().inNamespace(namespace).withName("culvert-ca"), gone);
    purge(client.configMaps().inNamespace(namespace).withName("culvert-ca-root-cert"), gone);
    purge(client.leases().inNamespace(namespace).withName(CONTROL_PLANE), gone);
    client
        .apiextensions()
        .v1()
        .customResourceDefinitions()
        .resources()
        .filter(kind -> kind.item().getSpec().getGroup().equals("policy.culvert.dev"))
        .forEach(kind -> purge(kind, gone));
    purge(client.namespaces().withName(namespace), gone);
    return gone;
  }

  private static void purge(Resource<? extends HasMetadata> resource, List<String> gone) {
    HasMetadata found = resource.get();
    if (found != null) {
      var _ = resource.delete();
      gone.add(Parts.name(found));
    }
  }

  KubernetesClient client() {
    return client;
  }

  String namespace() {
    return namespace;
  }
}
