// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.mesh.BackendSpeech;
import dev.culvert.policy.resource.BackendTlsPolicyResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.ServiceResource;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What Gateways are told because policies and routes name it: authorities, names of ports, and what
 * is spoken at ports.
 */
final class BackendDocuments {
  private final Map<ResourceKey, ToldDocument> documents;
  private final Function<ResourceKey, @Nullable Resource> all;

  /**
   * @param all that there is, told or not
   */
  BackendDocuments(
      Map<ResourceKey, ToldDocument> documents, Function<ResourceKey, @Nullable Resource> all) {
    this.documents = documents;
    this.all = all;
  }

  /** After its policies. */
  void addTo(GatewayScope scope) {
    scope
        .backendTls()
        .flatMap(BackendTlsPolicyResource::authorityMaps)
        .map(ref -> documents.get(new ResourceKey("ConfigMap", ref.namespace(), ref.name())))
        .filter(Objects::nonNull)
        .forEach(scope::add);
    Stream<ResourceKey> named =
        Stream.concat(scope.backendTls(), scope.routes()).flatMap(BackendDocuments::namedPorts);
    Stream.concat(services(named), services(backends(scope)).filter(BackendDocuments::isTold))
        .distinct()
        .map(service -> ToldDocument.of(service, ServicePortsText.of(service)))
        .forEach(scope::add);
  }

  private Stream<ServiceResource> services(Stream<ResourceKey> keys) {
    return keys.distinct()
        .map(all)
        .filter(ServiceResource.class::isInstance)
        .map(ServiceResource.class::cast);
  }

  private static Stream<ResourceKey> backends(GatewayScope scope) {
    return scope.routes().flatMap(GrantDocuments::backends).map(backend -> backend.to().key());
  }

  /**
   * Whether a port says that it speaks what not every route can send: of that the mesh's own words
   * for protocols tell nothing.
   */
  static boolean isTold(@Nullable Resource resource) {
    return resource instanceof ServiceResource service
        && service.ports().stream()
            .map(port -> BackendSpeech.of(port, false))
            .anyMatch(speech -> !speech.takes("HTTPRoute") || !speech.takes("GRPCRoute"));
  }

  /** The services of which something names ports: proxies of the mesh know these by number only. */
  static Stream<ResourceKey> namedPorts(Resource resource) {
    return switch (resource) {
      case BackendTlsPolicyResource policy ->
          policy.targets().stream().filter(to -> !to.port().isEmpty()).map(to -> key(policy, to));
      case RouteResource route ->
          route.parents().stream()
              .filter(parent -> !parent.section().isEmpty())
              .map(parent -> parent.to().key())
              .filter(key -> key.kind().equals("Service"));
      default -> Stream.empty();
    };
  }

  private static ResourceKey key(Resource policy, BackendTlsPolicyResource.Target to) {
    return new ResourceKey("Service", policy.metadata().namespace(), to.service().name());
  }
}
