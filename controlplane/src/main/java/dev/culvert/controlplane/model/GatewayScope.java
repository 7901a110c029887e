// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.policy.resource.BackendTlsPolicyResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.RouteResource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the instances of one Gateway are told. */
final class GatewayScope {
  private final Map<String, ToldDocument> own = new LinkedHashMap<>();

  void add(ToldDocument told) {
    own.put(told.wire().getName(), told);
  }

  /** Those that are there now: others may be added while they are looked at. */
  Stream<Resource> routes() {
    return List.copyOf(own.values()).stream()
        .map(ToldDocument::resource)
        .filter(RouteResource.class::isInstance);
  }

  /** What TLS is spoken to. */
  Stream<BackendTlsPolicyResource> backendTls() {
    return List.copyOf(own.values()).stream()
        .map(ToldDocument::resource)
        .filter(BackendTlsPolicyResource.class::isInstance)
        .map(BackendTlsPolicyResource.class::cast);
  }

  /** The set that follows on what was told before. */
  ResourceSet after(@Nullable ResourceSet known) {
    ResourceSet before = Optional.ofNullable(known).orElse(ResourceSet.EMPTY);
    Set<String> gone = new HashSet<>();
    before.forEach(resource -> gone.add(resource.getName()));
    gone.removeAll(own.keySet());
    return before.with(own.values().stream().map(ToldDocument::wire).toList(), gone);
  }
}
