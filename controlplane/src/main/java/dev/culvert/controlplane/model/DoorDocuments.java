// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.mesh.FrontDoor;
import dev.culvert.policy.mesh.ListenerSets;
import dev.culvert.policy.resource.AllowedRoutes;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.SecretResource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What front doors are told beside routes and policies: further listeners, certificates, and what
 * their listeners ask about namespaces.
 */
final class DoorDocuments {
  private final Map<ResourceKey, ToldDocument> documents;
  private final GrantDocuments grants;
  private final List<ListenerSetResource> sets;
  private final ListenerSets allowing = new ListenerSets(this::namespace);

  DoorDocuments(Map<ResourceKey, ToldDocument> documents, GrantDocuments grants) {
    this.documents = documents;
    this.grants = grants;
    this.sets =
        documents.values().stream()
            .map(ToldDocument::resource)
            .filter(ListenerSetResource.class::isInstance)
            .map(ListenerSetResource.class::cast)
            .toList();
  }

  private NamespaceResource namespace(String name) {
    return find("Namespace", "", name)
        .map(told -> (NamespaceResource) told.resource())
        .orElseGet(() -> NamespaceResource.unwritten(name));
  }

  /** A Gateway with the sets that it allows. */
  FrontDoor door(GatewayResource gateway) {
    return allowing.of(gateway, sets.stream());
  }

  /** After its routes: of their namespaces it may be told. */
  void add(FrontDoor door, GatewayScope scope) {
    grants.addToDoor(door, scope);
    door.sets().stream().map(set -> documents.get(set.key())).forEach(scope::add);
    door.secrets(grants.all())
        .map(ref -> documents.get(new ResourceKey("Secret", ref.namespace(), ref.name())))
        .filter(Objects::nonNull)
        .filter(told -> told.resource() instanceof SecretResource one && one.isTls())
        .forEach(scope::add);
    door.authorities(grants.all())
        .flatMap(ref -> find("ConfigMap", ref.namespace(), ref.name()).stream())
        .forEach(scope::add);
    Stream.concat(namespacesOfRoutes(door, scope), namespacesOfSets(door))
        .flatMap(name -> find("Namespace", "", name).stream())
        .forEach(scope::add);
  }

  private static Stream<String> namespacesOfRoutes(FrontDoor door, GatewayScope scope) {
    return door.listeners().map(GatewayListener::allowedRoutes).anyMatch(DoorDocuments::selects)
        ? scope.routes().map(DoorDocuments::namespace)
        : Stream.empty();
  }

  private static Stream<String> namespacesOfSets(FrontDoor door) {
    return door.gateway().allowedListeners().filter(DoorDocuments::selects).isPresent()
        ? door.sets().stream().map(DoorDocuments::namespace)
        : Stream.empty();
  }

  private static boolean selects(AllowedRoutes allowed) {
    return allowed.from() == AllowedRoutes.From.SELECTOR;
  }

  private static String namespace(Resource resource) {
    return resource.metadata().namespace();
  }

  private Optional<ToldDocument> find(String kind, String namespace, String name) {
    return Optional.ofNullable(documents.get(new ResourceKey(kind, namespace, name)));
  }
}
