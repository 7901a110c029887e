// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.resource.BackendTlsPolicyResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.Resources;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.RouteTreatment;
import dev.culvert.waypoint.route.Backends;
import java.util.List;
import java.util.Optional;

/**
 * Backends of a front door of the mesh, which does not speak TLS to them: one that a
 * BackendTLSPolicy is for gets nothing, rather than plaintext.
 */
final class BackendsWithoutTls implements Backends {
  private final List<BackendTlsPolicyResource> policies;
  private final Backends backends;

  BackendsWithoutTls(Resources files, Backends backends) {
    this.policies = files.resources(BackendTlsPolicyResource.class).toList();
    this.backends = backends;
  }

  @Override
  public Optional<Destination> destination(String namespace, String name, int port) {
    Optional<Destination> found = backends.destination(namespace, name, port);
    return policy(namespace, name).map(policy -> found.map(to -> closed(to, policy))).orElse(found);
  }

  @Override
  public RouteTreatment treatment(Resource route) {
    return backends.treatment(route);
  }

  private Optional<BackendTlsPolicyResource> policy(String namespace, String name) {
    return policies.stream()
        .filter(policy -> policy.metadata().namespace().equals(namespace))
        .filter(
            policy -> policy.targets().stream().anyMatch(to -> to.service().name().equals(name)))
        .findFirst();
  }

  private static Destination closed(Destination to, BackendTlsPolicyResource policy) {
    Pick none =
        new Pick.None(
            false,
            "%s is for it, which a front door of the mesh does not follow: it is closed"
                .formatted(policy.key()));
    return new Destination(to.namespace(), to.service(), to.hostname(), to.port(), asking -> none);
  }
}
