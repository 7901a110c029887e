// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.mesh.BackendSpeech;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.waypoint.gateway.BackendTlsPolicies;
import dev.culvert.waypoint.gateway.BackendTlsPolicies.Spoken;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.plan.BackendTls;
import dev.culvert.waypoint.plan.ClientKey;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.RouteTreatment;
import dev.culvert.waypoint.route.Backends;
import dev.culvert.ztunnel.xds.Service;
import java.util.ArrayList;
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
  private final Kept kept;
  private final String shownBy;

  SecuredBackends(MeshBackends backends, BackendTlsPolicies tls, Refusals refusals, Kept kept) {
    this(backends, tls, refusals, kept, "");
  }

  /**
   * @param shownBy whose certificate backends are shown, since they may like one and not another;
   *     empty when they are shown none
   */
  private SecuredBackends(
      MeshBackends backends, BackendTlsPolicies tls, Refusals refusals, Kept kept, String shownBy) {
    this.kept = kept;
    this.shownBy = shownBy;
    this.backends = backends;
    this.tls = tls;
    this.refusals = refusals;
  }

  @Override
  public Optional<Destination> destination(String namespace, String name, int port) {
    Optional<String> refused = refusals.backend(namespace, name);
    return Optional.of(
        kept.of(
            refused.isPresent()
                ? new ClosedDestination(namespace, name, port, false, refused.get())
                : piece(backends.port(namespace, name, port), shownBy),
            new ArrayList<>()));
  }

  /**
   * A port of a service that was asked for itself.
   *
   * @param ofPort of what the port comes to
   */
  Own own(Service service, int port, Kept ofPort) {
    MeshBackends.PortKey at = MeshBackends.port(service, port);
    return new Own(
        ofPort.of(piece(at, ""), new ArrayList<>()),
        ofPort.of(backends.piece(at, Optional.empty(), ""), new ArrayList<>()));
  }

  /** A port of a pod that was asked for itself. */
  Destination pod(Asked.OfPod asked, Kept ofPort) {
    return ofPort.of(new PodDestination(backends, asked), new ArrayList<>());
  }

  private Piece<Destination> piece(MeshBackends.PortKey at, String by) {
    return switch (tls.of(at.namespace(), at.name(), at.port())) {
      case Spoken.Nothing(String problem) ->
          new ClosedDestination(at.namespace(), at.name(), at.port(), true, problem);
      case Spoken.Tls(BackendTls with) -> backends.piece(at, Optional.of(with), by);
      case Spoken.Plaintext() -> backends.piece(at, Optional.empty(), "");
    };
  }

  @Override
  public BackendSpeech speech(String namespace, String name, int port) {
    return tls.speech(namespace, name, port);
  }

  @Override
  public RouteTreatment treatment(Resource route) {
    return backends.treatment(route);
  }

  @Override
  public Backends showing(ResourceKey who, ClientKey key) {
    return key instanceof ClientKey.None
        ? this
        : new SecuredBackends(backends, tls.showing(key), refusals, kept, who.toString());
  }
}
