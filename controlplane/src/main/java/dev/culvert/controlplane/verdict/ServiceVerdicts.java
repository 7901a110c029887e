// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.model.AppProtocols;
import dev.culvert.controlplane.model.ServiceBindings.Binding;
import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.ServicePort;
import dev.culvert.policy.resource.ServiceResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether a route is attached to a service, for whoever goes through the service's waypoint. */
final class ServiceVerdicts {
  private final MeshObjects mesh;
  private final ServiceClaims claims;

  ServiceVerdicts(MeshObjects mesh) {
    this.mesh = mesh;
    this.claims = new ServiceClaims(mesh);
  }

  /**
   * What becomes of it there.
   *
   * @param index of the parent
   * @param resolved whether its backends are there
   */
  Attachment of(RouteResource route, int index, ParentRef parent, Condition resolved) {
    ResourceKey key = parent.to().key();
    Optional<ServiceResource> service = mesh.service(key.namespace(), key.name());
    if (service.isEmpty()) {
      return attachment(
          index,
          key,
          noParent("there is no %s: apply it, or correct parentRefs".formatted(key)),
          resolved);
    }
    List<ServicePort> ports = service.get().ports().stream().filter(parent::isFor).toList();
    if (ports.isEmpty()) {
      return attachment(
          index,
          key,
          noParent("%s has no %s: correct parentRefs".formatted(key, wanted(parent))),
          resolved);
    }
    List<Condition> conditions = new ArrayList<>(accepted(route, service.get(), ports));
    conditions.add(1, resolved);
    if (conditions.getFirst().holds()) {
      conditions.add(bound(key, service.get()));
    }
    return attachment(index, key, conditions.toArray(Condition[]::new));
  }

  private static Condition noParent(String problem) {
    return Say.no(Say.ACCEPTED, "NoMatchingParent", problem);
  }

  private static String wanted(ParentRef parent) {
    String name = parent.section().isEmpty() ? "" : " named " + parent.section();
    String number = parent.port() == 0 ? "" : " " + parent.port();
    return "port" + number + name;
  }

  /** What others have at each of its ports is not its own. */
  private List<Condition> accepted(
      RouteResource route, ServiceResource service, List<ServicePort> ports) {
    List<ServicePort> fitting =
        ports.stream().filter(one -> AppProtocols.speech(one).takes(route.kind())).toList();
    if (fitting.isEmpty()) {
      return List.of(
          Say.no(
              Say.ACCEPTED,
              "UnsupportedValue",
              "%s says of each port that it names that no %s is for it: see appProtocol and the names of its ports"
                  .formatted(service.key(), route.kind())));
    }
    List<String> lost = new ArrayList<>();
    for (ServicePort port : fitting) {
      claims
          .rival(route, service, port)
          .ifPresent(rival -> lost.add(loss(route, rival, service, port)));
    }
    String taken = String.join("; ", lost) + ": remove one, or name another port";
    if (lost.size() == fitting.size()) {
      return List.of(Say.no(Say.ACCEPTED, "Conflicted", taken));
    }
    Condition accepted = Say.yes(Say.ACCEPTED, "Accepted", "it is attached to " + service.key());
    return lost.isEmpty()
        ? List.of(accepted)
        : List.of(accepted, Say.yes(Say.PARTIALLY_INVALID, "UnsupportedValue", taken));
  }

  private static String loss(
      RouteResource route, RouteResource rival, ServiceResource service, ServicePort port) {
    String why =
        rival.kind().equals(route.kind())
            ? "is older"
            : "%ss go before %ss".formatted(rival.kind(), route.kind());
    return "%s has port %d of %s, and %s".formatted(rival.key(), port.port(), service.key(), why);
  }

  private Condition bound(ResourceKey key, ServiceResource service) {
    Optional<Binding> binding = mesh.bindings().ofService(service.metadata());
    if (binding.isEmpty()) {
      return Say.no(
          Say.WAYPOINT_BOUND,
          "AncestorNotBound",
          ("%s uses no waypoint, so nobody holds to the route: label it, or its namespace,"
                  + " culvert.dev/use-waypoint")
              .formatted(key));
    }
    return binding.get().holds()
        ? Say.yes(Say.WAYPOINT_BOUND, "Accepted", "held to by waypoint " + binding.get().waypoint())
        : Say.no(
            Say.WAYPOINT_BOUND,
            "AncestorNotBound",
            "%s: %s".formatted(key, binding.get().problem().get()));
  }

  private static Attachment attachment(int index, ResourceKey to, Condition... conditions) {
    return new Attachment(index, to, Controllers.MESH, List.of(conditions), Set.of());
  }
}
