// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.Endpoint;
import dev.culvert.policy.resource.EndpointPort;
import dev.culvert.policy.resource.EndpointSliceResource;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.ServicePort;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.route.Backends;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The endpoints behind services: those of their slices, else the pods that they select. */
final class Endpoints implements Backends {
  private final Map<String, ServiceResource> services = new HashMap<>();
  private final List<EndpointSliceResource> slices;
  private final List<PodResource> pods;
  private final Map<String, Optional<Destination>> made = new HashMap<>();

  Endpoints(Resources files) {
    files
        .resources(ServiceResource.class)
        .forEach(one -> services.put(key(one.metadata().namespace(), one.metadata().name()), one));
    this.slices = files.resources(EndpointSliceResource.class).toList();
    this.pods = files.resources(PodResource.class).toList();
  }

  @Override
  public Optional<Destination> destination(String namespace, String name, int port) {
    return made.computeIfAbsent(
        key(namespace, name) + ":" + port, _ -> make(namespace, name, port));
  }

  private Optional<Destination> make(String namespace, String name, int port) {
    return Optional.ofNullable(services.get(key(namespace, name)))
        .flatMap(
            service ->
                service.ports().stream()
                    .filter(one -> one.port() == port && one.protocol().equals("TCP"))
                    .findFirst()
                    .map(one -> new Destination(namespace, name, port, targets(service, one))));
  }

  private List<Target> targets(ServiceResource service, ServicePort port) {
    Protocol protocol = Protocol.of(port.appProtocol(), port.name());
    Set<InetSocketAddress> addresses = new LinkedHashSet<>();
    List<EndpointSliceResource> own = slices.stream().filter(s -> isOf(s, service)).toList();
    own.forEach(slice -> addAddresses(slice, port, addresses));
    if (own.isEmpty()) {
      pods.stream()
          .filter(pod -> service.selects(pod) && pod.ready() && !pod.terminating())
          .forEach(pod -> addAddresses(pod, port, addresses));
    }
    List<Target> targets = new ArrayList<>(addresses.size());
    addresses.forEach(address -> targets.add(new Target(address, protocol)));
    return targets;
  }

  private static boolean isOf(EndpointSliceResource slice, ServiceResource service) {
    return slice.metadata().namespace().equals(service.metadata().namespace())
        && slice.serviceName().filter(service.metadata().name()::equals).isPresent();
  }

  private static void addAddresses(
      EndpointSliceResource slice, ServicePort port, Set<InetSocketAddress> addresses) {
    for (EndpointPort served : slice.ports()) {
      if (served.name().equals(port.name()) && served.protocol().equals("TCP")) {
        for (Endpoint endpoint : slice.endpoints()) {
          if (endpoint.ready()) {
            endpoint
                .addresses()
                .forEach(ip -> addresses.add(new InetSocketAddress(ip, served.port())));
          }
        }
      }
    }
  }

  private static void addAddresses(
      PodResource pod, ServicePort port, Set<InetSocketAddress> addresses) {
    OptionalInt target = port.targetPort(pod);
    if (target.isPresent() && !pod.podIps().isEmpty()) {
      addresses.add(new InetSocketAddress(pod.podIps().getFirst(), target.getAsInt()));
    }
  }

  private static String key(String namespace, String name) {
    return namespace + "/" + name;
  }
}
