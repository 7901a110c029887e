// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.controlplane.model.ServiceBindings;
import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.BackendTlsPolicyResource;
import dev.culvert.policy.resource.ConfigMapResource;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.ObjectRef;
import dev.culvert.policy.resource.PeerAuthentication;
import dev.culvert.policy.resource.ReferenceGrantResource;
import dev.culvert.policy.resource.RequestAuthentication;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.SecretResource;
import dev.culvert.policy.resource.ServiceEntryResource;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.resource.TrafficPolicy;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What refers to something in the mesh, and what it may refer to. */
final class MeshObjects {
  private final MeshNames names;
  private final Map<String, Map<ResourceKey, Resource>> byKind = new HashMap<>();
  private final CertificateObjects certificates = new CertificateObjects();
  private @Nullable ServiceBindings bindings;

  MeshObjects(MeshNames names) {
    this.names = names;
  }

  /** Whether any of it is about what is kept here. */
  boolean update(ResourceChanges changes) {
    boolean changed = false;
    for (ResourceKey key : changes.removed()) {
      Map<ResourceKey, Resource> all = byKind.get(key.kind());
      changed |= all != null && all.remove(key) != null;
      changed |= certificates.remove(key);
    }
    for (Resource resource : changes.put()) {
      if (resource instanceof SecretResource || resource instanceof ConfigMapResource) {
        changed |= certificates.put(resource);
      } else if (isKept(resource)) {
        Map<ResourceKey, Resource> all =
            byKind.computeIfAbsent(resource.kind(), _ -> new HashMap<>());
        changed |= !resource.equals(all.put(resource.key(), resource));
      }
    }
    if (changed) {
      bindings = null;
    }
    return changed;
  }

  private static boolean isKept(Resource resource) {
    return switch (resource) {
      case NamespaceResource _,
          ServiceResource _,
          ServiceEntryResource _,
          GatewayResource _,
          ListenerSetResource _,
          RouteResource _,
          ReferenceGrantResource _,
          AuthorizationPolicy _,
          PeerAuthentication _,
          RequestAuthentication _,
          TrafficPolicy _,
          BackendTlsPolicyResource _ ->
          true;
      default -> false;
    };
  }

  Optional<Resource> find(ResourceKey key) {
    return Optional.ofNullable(byKind.getOrDefault(key.kind(), Map.of()).get(key));
  }

  Optional<GatewayResource> gateway(String namespace, String name) {
    return find(new ResourceKey("Gateway", namespace, name)).map(GatewayResource.class::cast);
  }

  Optional<ListenerSetResource> listenerSet(String namespace, String name) {
    return find(new ResourceKey("ListenerSet", namespace, name))
        .map(ListenerSetResource.class::cast);
  }

  Optional<ServiceResource> service(String namespace, String name) {
    return find(new ResourceKey("Service", namespace, name)).map(ServiceResource.class::cast);
  }

  /** One that nobody wrote down has no labels but its name. */
  NamespaceResource namespace(String name) {
    return find(new ResourceKey("Namespace", "", name))
        .map(NamespaceResource.class::cast)
        .orElseGet(
            () ->
                new NamespaceResource(
                    new ObjectMeta(
                        "",
                        name,
                        name,
                        Map.of("kubernetes.io/metadata.name", name),
                        Map.of(),
                        Optional.empty())));
  }

  Stream<RouteResource> routes() {
    return all(RouteResource.class, "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute");
  }

  Stream<GatewayResource> gateways() {
    return all(GatewayResource.class, "Gateway");
  }

  /** Those that are said to be a Gateway's, the oldest first (Gateway API, ListenerSet). */
  List<ListenerSetResource> listenerSets(GatewayResource gateway) {
    return all(ListenerSetResource.class, "ListenerSet")
        .filter(set -> set.gateway().key().equals(gateway.key()))
        .sorted(ListenerSetResource.OLDEST_FIRST)
        .toList();
  }

  /** The oldest first. */
  List<TrafficPolicy> trafficPolicies() {
    return all(TrafficPolicy.class, "TrafficPolicy").sorted(TrafficPolicy.OLDEST_FIRST).toList();
  }

  /** The oldest first. */
  List<BackendTlsPolicyResource> backendTlsPolicies() {
    return all(BackendTlsPolicyResource.class, "BackendTLSPolicy")
        .sorted(BackendTlsPolicyResource.OLDEST_FIRST)
        .toList();
  }

  Stream<Resource> services() {
    return all(Resource.class, "Service", "ServiceEntry");
  }

  Stream<Resource> policies() {
    return all(
        Resource.class, "AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication");
  }

  private <T> Stream<T> all(Class<T> type, String... kinds) {
    return Stream.of(kinds).flatMap(kind -> of(kind).stream()).map(type::cast);
  }

  /** Whether a Secret or ConfigMap is known: those that nobody names are not. */
  boolean isCertificateThere(ObjectRef named) {
    return certificates.isThere(named.key());
  }

  /** Why a Secret or ConfigMap that is named gives no certificate, if it gives none. */
  Optional<String> certificateProblem(ObjectRef named) {
    String what = "%s %s/%s".formatted(named.kind(), named.namespace(), named.name());
    if (!isCertificateThere(named)) {
      return Optional.of(
          named.kind().equals("Secret")
              ? "there is no %s that may be read: apply it, or name its namespace in gatewaySecrets of the chart"
                  .formatted(what)
              : "there is no %s: apply it".formatted(what));
    }
    return certificates.problem(named.key()).map(text -> what + ": " + text);
  }

  /** Whether policies of a namespace are for the whole mesh. */
  boolean isRoot(String namespace) {
    return names.rootNamespaces().contains(namespace);
  }

  /** Whether a resource may name one of another namespace. */
  boolean permits(String group, String kind, String namespace, ObjectRef named) {
    return namespace.equals(named.namespace())
        || of("ReferenceGrant").stream()
            .map(ReferenceGrantResource.class::cast)
            .anyMatch(grant -> grant.allows(group, kind, namespace, named));
  }

  ServiceBindings bindings() {
    if (bindings == null) {
      bindings = new ServiceBindings(gateways().toList(), this::namespace, names);
    }
    return bindings;
  }

  private Collection<Resource> of(String kind) {
    return byKind.getOrDefault(kind, Map.of()).values();
  }
}
