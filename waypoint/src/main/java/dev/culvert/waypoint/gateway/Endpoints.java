// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.mesh.BackendSpeech;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ServicePort;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.waypoint.balance.Cluster;
import dev.culvert.waypoint.balance.Clusters;
import dev.culvert.waypoint.balance.Member;
import dev.culvert.waypoint.gateway.BackendTlsPolicies.Spoken;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.plan.BackendTls;
import dev.culvert.waypoint.plan.ClientKey;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Picker;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.RouteTreatment;
import dev.culvert.waypoint.route.Backends;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The endpoints behind services: those of their slices, else the pods that they select. */
final class Endpoints implements Backends {
  private final ServiceMembers members;
  private final Map<PortKey, Optional<Destination>> made = new HashMap<>();
  private final Clusters clusters;
  private final Kept kept;
  private final String shownBy;
  private final BackendTlsPolicies tls;

  /** A port of a service, which may exist or not. */
  record PortKey(String namespace, String name, int port) {
    Destination destination(Picker picker) {
      return new Destination(namespace, name, port, picker);
    }
  }

  Endpoints(ServiceMembers members, Clusters clusters, BackendTlsPolicies tls, Kept kept) {
    this(members, clusters, tls, kept, "");
  }

  /**
   * @param shownBy whose certificate backends are shown, since they may like one and not another;
   *     empty when they are shown none
   */
  private Endpoints(
      ServiceMembers members,
      Clusters clusters,
      BackendTlsPolicies tls,
      Kept kept,
      String shownBy) {
    this.members = members;
    this.shownBy = shownBy;
    this.tls = tls;
    this.clusters = clusters;
    this.kept = kept;
  }

  @Override
  public Optional<Destination> destination(String namespace, String name, int port) {
    return made.computeIfAbsent(new PortKey(namespace, name, port), this::make);
  }

  @Override
  public BackendSpeech speech(String namespace, String name, int port) {
    return tls.speech(namespace, name, port);
  }

  @Override
  public RouteTreatment treatment(Resource route) {
    return clusters.treatment(route);
  }

  @Override
  public Backends showing(ResourceKey who, ClientKey key) {
    return key instanceof ClientKey.None
        ? this
        : new Endpoints(members, clusters, tls.showing(key), kept, who.toString());
  }

  private Optional<Destination> make(PortKey wanted) {
    return members
        .service(wanted.namespace(), wanted.name())
        .flatMap(
            service ->
                service.ports().stream()
                    .filter(one -> one.port() == wanted.port() && one.protocol().equals("TCP"))
                    .findFirst()
                    .map(port -> kept.of(piece(wanted, service, port), new ArrayList<>())));
  }

  private Piece<Destination> piece(PortKey key, ServiceResource service, ServicePort port) {
    return switch (tls.of(service, port)) {
      case Spoken.Nothing(String problem) -> new ClosedService(key, shownBy, problem);
      case Spoken.Tls(BackendTls with) ->
          picker(key, shownBy, members.of(service, port, Optional.of(with)), port);
      case Spoken.Plaintext() -> picker(key, "", members.of(service, port, Optional.empty()), port);
    };
  }

  private Piece<Destination> picker(
      PortKey key, String by, List<Member> endpoints, ServicePort port) {
    Cluster cluster = clusters.of(key.namespace(), key.name(), key.port(), by);
    return new ServicePicker(
        key,
        by,
        cluster,
        cluster.traffic(),
        endpoints,
        Protocol.of(port.appProtocol(), port.name()));
  }
}
