// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.Endpoint;
import dev.culvert.policy.resource.EndpointPort;
import dev.culvert.policy.resource.EndpointSliceResource;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.ServicePort;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.waypoint.balance.Member;
import dev.culvert.waypoint.plan.BackendTls;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Services, and who is behind their ports. */
final class ServiceMembers {
  private record Name(String namespace, String service) {}

  private final Resources files;
  private final Map<Name, List<EndpointSliceResource>> slices = new HashMap<>();
  private final Map<String, List<PodResource>> pods = new HashMap<>();

  ServiceMembers(Resources files) {
    this.files = files;
    files.resources(EndpointSliceResource.class).forEach(this::add);
    files
        .resources(PodResource.class)
        .forEach(
            pod ->
                pods.computeIfAbsent(pod.metadata().namespace(), _ -> new ArrayList<>()).add(pod));
  }

  private void add(EndpointSliceResource slice) {
    slice
        .serviceName()
        .ifPresent(
            service ->
                slices
                    .computeIfAbsent(
                        new Name(slice.metadata().namespace(), service), _ -> new ArrayList<>())
                    .add(slice));
  }

  Optional<ServiceResource> service(String namespace, String name) {
    return files.find(ServiceResource.class, namespace, name);
  }

  /** Those behind a port: of the service's slices, or where it has none its pods that are ready. */
  List<Member> of(ServiceResource service, ServicePort port, Optional<BackendTls> with) {
    String namespace = service.metadata().namespace();
    Set<InetSocketAddress> addresses = new LinkedHashSet<>();
    List<EndpointSliceResource> own = slices.get(new Name(namespace, service.metadata().name()));
    if (own != null) {
      own.forEach(slice -> addAddresses(slice, port, addresses));
    } else {
      pods.getOrDefault(namespace, List.of()).stream()
          .filter(pod -> service.selects(pod) && pod.ready() && !pod.terminating())
          .forEach(pod -> addAddresses(pod, port, addresses));
    }
    return addresses.stream().map(one -> new Member(one, with)).toList();
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
}
