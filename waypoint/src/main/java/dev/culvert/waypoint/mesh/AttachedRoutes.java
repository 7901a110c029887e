// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.mesh.PortSpeech;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServicePort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The routes that name services as their parents (Gateway API, GEP-1426). */
final class AttachedRoutes {
  private final Map<String, List<RouteResource>> byService = new HashMap<>();

  /** Those of which a route names a port: others are known by number only. */
  private final Map<String, ServiceResource> named = new HashMap<>();

  AttachedRoutes(Resources files) {
    files.resources(RouteResource.class).forEach(this::index);
    files
        .resources(ServiceResource.class)
        .forEach(one -> named.put(key(one.metadata().namespace(), one.metadata().name()), one));
  }

  private void index(RouteResource route) {
    route.parents().stream()
        .filter(AttachedRoutes::isService)
        .map(parent -> key(parent.to().namespace(), parent.to().name()))
        .distinct()
        .forEach(key -> byService.computeIfAbsent(key, _ -> new ArrayList<>()).add(route));
  }

  private static boolean isService(ParentRef parent) {
    return parent.to().kind().equals("Service") && parent.to().group().isEmpty();
  }

  private static String key(String namespace, String name) {
    return namespace + "/" + name;
  }

  /** Those that count for a port, which are of one kind, by the namespace that they are of. */
  Map<String, List<RouteResource>> counting(Service service, ServicePort port) {
    Map<String, List<RouteResource>> groups = new HashMap<>();
    for (RouteResource route :
        byService.getOrDefault(key(service.namespace(), service.name()), List.of())) {
      if (route.parents().stream().anyMatch(one -> names(one, service, port))) {
        groups.computeIfAbsent(route.metadata().namespace(), _ -> new ArrayList<>()).add(route);
      }
    }
    PortSpeech speech = speech(port);
    groups.replaceAll((namespace, routes) -> speech.counting(routes));
    groups.values().removeIf(List::isEmpty);
    return groups;
  }

  private boolean names(ParentRef parent, Service service, ServicePort port) {
    return isService(parent)
        && parent.to().namespace().equals(service.namespace())
        && parent.to().name().equals(service.name())
        && (parent.port() == 0 || parent.port() == port.servicePort())
        && (parent.section().isEmpty() || isNamed(parent, port.servicePort()));
  }

  private boolean isNamed(ParentRef parent, int port) {
    ServiceResource service = named.get(key(parent.to().namespace(), parent.to().name()));
    return service != null
        && service.ports().stream().anyMatch(one -> one.port() == port && parent.isFor(one));
  }

  private static PortSpeech speech(ServicePort port) {
    return switch (port.protocol()) {
      case HTTP1, HTTP2, GRPC -> PortSpeech.REQUESTS;
      case TCP -> PortSpeech.BYTES;
      case TLS -> PortSpeech.TLS;
      case UNKNOWN -> PortSpeech.UNSAID;
    };
  }
}
