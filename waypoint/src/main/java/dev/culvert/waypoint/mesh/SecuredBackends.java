// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.waypoint.gateway.BackendTlsPolicies;
import dev.culvert.waypoint.gateway.BackendTlsPolicies.Spoken;
import dev.culvert.waypoint.plan.BackendTls;
import dev.culvert.waypoint.plan.ClientKey;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.RouteTreatment;
import dev.culvert.waypoint.route.Backends;
import dev.culvert.ztunnel.xds.Service;
import java.util.Optional;

/**
 * The services of the mesh as backends of a front door or a waypoint, which speaks TLS to those
 * that a BackendTLSPolicy is for. What such a policy is for and cannot be spoken to gets nothing,
 * rather than plaintext.
 */
final class SecuredBackends implements Backends {
  private final MeshBackends backends;
  private final BackendTlsPolicies tls;
  private final Refusals refusals;
  private final String shownBy;

  SecuredBackends(MeshBackends backends, BackendTlsPolicies tls, Refusals refusals) {
    this(backends, tls, refusals, "");
  }

  /**
   * @param shownBy whose certificate backends are shown, since they may like one and not another;
   *     empty when they are shown none
   */
  private SecuredBackends(
      MeshBackends backends, BackendTlsPolicies tls, Refusals refusals, String shownBy) {
    this.shownBy = shownBy;
    this.backends = backends;
    this.tls = tls;
    this.refusals = refusals;
  }

  @Override
  public Optional<Destination> destination(String namespace, String name, int port) {
    Optional<String> refused = refusals.backend(namespace, name);
    if (refused.isPresent()) {
      return Optional.of(closed(namespace, name, port, false, refused.get()));
    }
    return Optional.of(
        switch (tls.of(namespace, name, port)) {
          case Spoken.Nothing(String problem) -> closed(namespace, name, port, true, problem);
          case Spoken.Tls(BackendTls with) ->
              backends.destination(namespace, name, port, Optional.of(with), shownBy);
          case Spoken.Plaintext() ->
              backends.destination(namespace, name, port, Optional.empty(), "");
        });
  }

  /** A port of a service that was asked for itself. */
  Destination own(Service service, int port) {
    String namespace = service.namespace();
    String name = service.name();
    return switch (tls.of(namespace, name, port)) {
      case Spoken.Nothing(String problem) -> closed(namespace, name, port, true, problem);
      case Spoken.Tls(BackendTls with) -> backends.of(service, port, Optional.of(with));
      case Spoken.Plaintext() -> backends.of(service, port, Optional.empty());
    };
  }

  private static Destination closed(
      String namespace, String name, int port, boolean missing, String problem) {
    Pick none = new Pick.None(missing, problem);
    return new Destination(namespace, name, port, asking -> none);
  }

  @Override
  public RouteTreatment treatment(Resource route) {
    return backends.treatment(route);
  }

  @Override
  public Backends showing(ResourceKey who, ClientKey key) {
    return key instanceof ClientKey.None
        ? this
        : new SecuredBackends(backends, tls.showing(key), refusals, who.toString());
  }
}
