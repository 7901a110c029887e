// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

import dev.culvert.policy.resource.ClientValidation;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.ListenerTls;
import dev.culvert.policy.resource.ObjectRef;
import dev.culvert.policy.resource.ReferenceGrantResource;
import dev.culvert.policy.resource.Resource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A door between the mesh and the outside, and what it names.
 *
 * @param sets whose listeners it opens beside its own, the oldest first
 */
public record FrontDoor(GatewayResource gateway, List<ListenerSetResource> sets) {
  /** The GatewayClass of front doors. */
  public static final String CLASS = "culvert-gateway";

  /** Where its pods tell metrics and readiness: no listener can have it. */
  public static final int STATS_PORT = 15020;

  private static final String GATEWAY_API = "gateway.networking.k8s.io";

  /** Something that is named, and by whom: a grant is for kind and namespace of that one. */
  private record Naming(Resource by, ObjectRef named) {
    boolean isOfKind(String kind) {
      return named.group().isEmpty() && named.kind().equals(kind);
    }

    boolean isOwn() {
      return named.namespace().equals(by.metadata().namespace());
    }

    boolean isAllowedBy(ReferenceGrantResource grant) {
      return grant.allows(GATEWAY_API, by.kind(), by.metadata().namespace(), named);
    }

    boolean isAllowed(Collection<ReferenceGrantResource> grants) {
      return isOwn() || grants.stream().anyMatch(this::isAllowedBy);
    }
  }

  public FrontDoor {
    sets = List.copyOf(sets);
  }

  /** Whether a Gateway is one. */
  public static boolean isOne(GatewayResource gateway) {
    return gateway.className().equals(CLASS);
  }

  /** All that it may open, its own first. */
  public Stream<GatewayListener> listeners() {
    return Stream.concat(
        gateway.listeners().stream(), sets.stream().flatMap(set -> set.listeners().stream()));
  }

  /**
   * The Secrets with its certificates, for clients and for backends, as far as they may be named.
   *
   * @param grants by which those of other namespaces are
   */
  public Stream<ObjectRef> secrets(Collection<ReferenceGrantResource> grants) {
    return named("Secret", grants);
  }

  /** The same of the ConfigMaps with the authorities of its clients. */
  public Stream<ObjectRef> authorities(Collection<ReferenceGrantResource> grants) {
    return named("ConfigMap", grants);
  }

  private Stream<ObjectRef> named(String kind, Collection<ReferenceGrantResource> grants) {
    return all()
        .filter(one -> one.isOfKind(kind) && one.isAllowed(grants))
        .map(Naming::named)
        .distinct();
  }

  /** Whether it is by this grant that something of another namespace is named. */
  public boolean needs(ReferenceGrantResource grant) {
    return all().anyMatch(one -> !one.isOwn() && one.isAllowedBy(grant));
  }

  private Stream<Naming> all() {
    return Stream.of(
            certificates(gateway, gateway.listeners()),
            sets.stream().flatMap(set -> certificates(set, set.listeners())),
            gateway.tls().backendCertificate().stream().map(ref -> new Naming(gateway, ref)),
            validations()
                .flatMap(one -> one.authorities().stream())
                .map(ref -> new Naming(gateway, ref)))
        .flatMap(each -> each);
  }

  private static Stream<Naming> certificates(Resource owner, List<GatewayListener> listeners) {
    return listeners.stream()
        .flatMap(listener -> listener.tls().map(ListenerTls::certificates).stream())
        .flatMap(Collection::stream)
        .map(ref -> new Naming(owner, ref));
  }

  private Stream<ClientValidation> validations() {
    return listeners().map(gateway::clientValidation).flatMap(Optional::stream).distinct();
  }

  /**
   * The Gateway as if all listeners were its own. Who adds some cannot take the port of its pods
   * away from it.
   */
  public GatewayResource whole() {
    return gateway.with(
        Stream.concat(
                gateway.listeners().stream(),
                sets.stream()
                    .flatMap(set -> set.listeners().stream())
                    .filter(listener -> listener.port() != STATS_PORT))
            .toList());
  }
}
