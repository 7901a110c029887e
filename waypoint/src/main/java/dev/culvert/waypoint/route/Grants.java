// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.route;

import dev.culvert.policy.resource.ObjectRef;
import dev.culvert.policy.resource.ReferenceGrantResource;
import dev.culvert.policy.resource.Resources;
import java.util.List;

/** What resources of one namespace may name in others (Gateway API, ReferenceGrant). */
public final class Grants {
  private static final String GATEWAY_API = "gateway.networking.k8s.io";

  private final List<ReferenceGrantResource> grants;

  public Grants(Resources files) {
    this.grants = files.resources(ReferenceGrantResource.class).toList();
  }

  /**
   * Whether a resource of the Gateway API may name another.
   *
   * @param kind of who names
   * @param namespace of who names; its own it may always name
   */
  public boolean allow(String kind, String namespace, ObjectRef named) {
    return named.namespace().equals(namespace)
        || grants.stream().anyMatch(grant -> grant.allows(GATEWAY_API, kind, namespace, named));
  }
}
