// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ListenerTls;
import dev.culvert.policy.resource.ObjectRef;
import dev.culvert.policy.resource.ReferenceGrantResource;
import java.util.Collection;
import java.util.stream.Stream;

/** The Gateways that are doors between the mesh and the outside. */
public final class FrontDoors {
  /** Their GatewayClass. */
  public static final String CLASS = "culvert-gateway";

  private static final String GATEWAY_API = "gateway.networking.k8s.io";

  private FrontDoors() {}

  /** Whether a Gateway is one. */
  public static boolean isOne(GatewayResource gateway) {
    return gateway.className().equals(CLASS);
  }

  /**
   * The Secrets with the certificates of its listeners, as far as it may name them.
   *
   * @param grants by which it names those of other namespaces
   */
  public static Stream<ObjectRef> secrets(
      GatewayResource door, Collection<ReferenceGrantResource> grants) {
    return door.listeners().stream()
        .map(GatewayListener::tls)
        .flatMap(tls -> tls.stream())
        .map(ListenerTls::certificates)
        .flatMap(Collection::stream)
        .filter(ref -> ref.group().isEmpty() && ref.kind().equals("Secret"))
        .filter(ref -> isOwn(door, ref) || grants.stream().anyMatch(one -> grants(one, door, ref)))
        .distinct();
  }

  /** Whether it is by this grant that a door names a Secret of another namespace. */
  public static boolean grants(
      ReferenceGrantResource grant, GatewayResource door, ObjectRef secret) {
    return grant.allows(GATEWAY_API, door.kind(), door.metadata().namespace(), secret);
  }

  private static boolean isOwn(GatewayResource door, ObjectRef ref) {
    return ref.namespace().equals(door.metadata().namespace());
  }
}
