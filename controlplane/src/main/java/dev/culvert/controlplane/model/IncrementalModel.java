// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import static java.util.Comparator.comparing;

import dev.culvert.controlplane.discovery.DiscoverySnapshot;
import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.controlplane.discovery.TypeUrl;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.policy.translate.TranslationNotice;
import dev.culvert.policy.wire.security.Authorization;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The model of a mesh that changes: each change costs what it reaches, and gives the model that all
 * resources together would give. Not thread-safe; the models that come out are immutable.
 */
public final class IncrementalModel {
  private final MeshNames names;
  private final MeshStore store;
  private final Map<ResourceKey, Resource> resources = new HashMap<>();
  private final Map<String, NamespaceModel> namespaces = new TreeMap<>();
  private final WaypointDocuments documents;
  private MeshPolicies policies;
  private List<TranslationNotice> found = List.of();
  private List<TranslationNotice> sorted = List.of();
  private MeshModel model;

  /** The model of a mesh without anything in it. */
  public IncrementalModel(MeshNames names) {
    this.names = names;
    this.store = new MeshStore(names);
    this.documents = new WaypointDocuments(names.rootNamespaces(), resources::get);
    this.policies = MeshPolicies.of(List.of(), names.rootNamespaces());
    this.model =
        new MeshModel(
            new DiscoverySnapshot(ResourceSet.EMPTY, authorizations(ResourceSet.EMPTY), Map.of()),
            NodePods.NONE,
            List.of());
  }

  /** The newest model. */
  public MeshModel current() {
    return model;
  }

  /** Takes in a change of resources that no waypoint is told. */
  public MeshModel update(Collection<Resource> put, Collection<ResourceKey> removed) {
    return update(put, Map.of(), removed);
  }

  /**
   * Takes in a change.
   *
   * @param put resources that are new or other than before
   * @param texts what was written of those that waypoints are told
   * @param removed of what is gone; what is put as well is there
   */
  public MeshModel update(
      Collection<Resource> put, Map<ResourceKey, String> texts, Collection<ResourceKey> removed) {
    MeshChange change = new MeshChange(store, names.rootNamespaces());
    removed.forEach(key -> change.resource(resources.remove(key), null));
    for (Resource resource : put) {
      Resource before = resources.put(resource.key(), resource);
      if (!resource.equals(before)) {
        change.resource(before, resource);
      }
    }
    model = translate(change, put, texts, removed);
    return model;
  }

  private MeshModel translate(
      MeshChange change,
      Collection<Resource> put,
      Map<ResourceKey, String> texts,
      Collection<ResourceKey> removed) {
    ResourceSet authorizations = model.discovery().authorizations();
    if (change.policies()) {
      policies = MeshPolicies.of(store.policies.values(), names.rootNamespaces());
      authorizations = authorizations(authorizations);
    }
    List<dev.culvert.policy.wire.discovery.Resource> changed = new ArrayList<>();
    Set<String> gone = new HashSet<>();
    change
        .reach()
        .parts(store.namespaces())
        .forEach((name, part) -> namespace(name).translate(part, policies, changed, gone));
    return new MeshModel(
        new DiscoverySnapshot(
            model.discovery().addresses().with(changed, gone),
            authorizations,
            documents.update(put, texts, removed, changed, gone, store.waypoints(), store.doors())),
        model.nodePods().with(change.nodes(), change.pods(), store, names.trustDomain()),
        notices());
  }

  private NamespaceModel namespace(String name) {
    return namespaces.computeIfAbsent(name, _ -> new NamespaceModel(name, store, names));
  }

  private ResourceSet authorizations(ResourceSet before) {
    List<dev.culvert.policy.wire.discovery.Resource> all =
        policies.authorizations().stream().map(IncrementalModel::resource).toList();
    Set<String> gone = new HashSet<>();
    before.forEach(resource -> gone.add(resource.getName()));
    return before.with(all, gone);
  }

  /** In the order of their texts, made again only when there are others. */
  private List<TranslationNotice> notices() {
    List<TranslationNotice> now = found();
    if (!now.equals(found)) {
      found = now;
      sorted = now.stream().distinct().sorted(comparing(TranslationNotice::toString)).toList();
    }
    return sorted;
  }

  private List<TranslationNotice> found() {
    return Stream.concat(
            policies.notices().stream(),
            Stream.of(
                    store.networks().notices().stream(),
                    store.waypoints().notices(),
                    namespaces.values().stream().flatMap(NamespaceModel::notices))
                .flatMap(each -> each))
        .toList();
  }

  static dev.culvert.policy.wire.discovery.Resource resource(Authorization policy) {
    String name = new PolicyKey(policy.getNamespace(), policy.getName()).toString();
    return ResourceSet.resource(TypeUrl.AUTHORIZATION, name, List.of(), policy);
  }
}
