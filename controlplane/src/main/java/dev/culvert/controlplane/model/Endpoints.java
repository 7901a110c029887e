// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.Endpoint;
import dev.culvert.policy.resource.EndpointPort;
import dev.culvert.policy.resource.EndpointSliceResource;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.ServicePort;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.wire.workload.Port;
import dev.culvert.policy.wire.workload.PortList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which pods are behind which services, and on which ports. The slices of a service say it; a
 * service that has none of its own has the pods that its selector picks, because a folder of YAML
 * has no endpoint controller.
 */
final class Endpoints {
  private static final String TCP = "TCP";

  private final MeshNames names;
  private final Map<String, SortedMap<String, PortList>> byPod = new HashMap<>();
  private final List<SliceEndpoint> podless = new ArrayList<>();

  private Endpoints(MeshNames names) {
    this.names = names;
  }

  static Endpoints of(ResourceIndex index, MeshNames names) {
    Endpoints endpoints = new Endpoints(names);
    Map<String, List<PodResource>> pods = new HashMap<>();
    index
        .pods()
        .forEach(
            pod ->
                pods.computeIfAbsent(pod.metadata().namespace(), k -> new ArrayList<>()).add(pod));
    for (ServiceResource service : index.services()) {
      List<EndpointSliceResource> slices = index.slices(service);
      slices.forEach(slice -> endpoints.add(service, slice));
      if (slices.isEmpty()) {
        pods.getOrDefault(service.metadata().namespace(), List.of()).stream()
            .filter(service::selects)
            .forEach(pod -> endpoints.add(service, pod));
      }
    }
    return endpoints;
  }

  /** The services of a pod, by their name on the wire. */
  SortedMap<String, PortList> of(PodResource pod) {
    return byPod.getOrDefault(ResourceIndex.name(pod.metadata()), Collections.emptySortedMap());
  }

  /** Addresses that slices name and that are no pods. */
  List<SliceEndpoint> withoutPod() {
    return podless;
  }

  private void add(ServiceResource service, PodResource pod) {
    PortList.Builder ports = PortList.newBuilder();
    for (ServicePort port : service.ports()) {
      OptionalInt target = port.targetPort(pod);
      if (port.protocol().equals(TCP) && target.isPresent()) {
        ports.addPorts(port(port.port(), target.getAsInt()));
      }
    }
    put(ResourceIndex.name(pod.metadata()), service, ports.build());
  }

  private void add(ServiceResource service, EndpointSliceResource slice) {
    PortList ports = ports(service, slice);
    String namespace = slice.metadata().namespace();
    for (Endpoint endpoint : slice.endpoints()) {
      if (endpoint.pod().isPresent()) {
        put(namespace + "/" + endpoint.pod().get(), service, ports);
      } else {
        podless.add(new SliceEndpoint(slice, endpoint, key(service), ports));
      }
    }
  }

  /** A pod may be in several slices of one service, one per address family or set of ports. */
  private void put(String pod, ServiceResource service, PortList ports) {
    byPod.computeIfAbsent(pod, k -> new TreeMap<>()).merge(key(service), ports, Endpoints::union);
  }

  private static PortList union(PortList some, PortList others) {
    PortList.Builder union = some.toBuilder();
    others.getPortsList().stream()
        .filter(port -> !some.getPortsList().contains(port))
        .forEach(union::addPorts);
    return union.build();
  }

  private static PortList ports(ServiceResource service, EndpointSliceResource slice) {
    PortList.Builder ports = PortList.newBuilder();
    for (ServicePort port : service.ports()) {
      slice.ports().stream()
          .filter(target -> serves(port, target))
          .forEach(target -> ports.addPorts(port(port.port(), target.port())));
    }
    return ports.build();
  }

  private static boolean serves(ServicePort port, EndpointPort target) {
    return port.protocol().equals(TCP)
        && target.protocol().equals(TCP)
        && port.name().equals(target.name())
        && target.port() > 0;
  }

  private static Port port(int service, int target) {
    return Port.newBuilder().setServicePort(service).setTargetPort(target).build();
  }

  private String key(ServiceResource service) {
    return names.serviceKey(service.metadata().namespace(), service.metadata().name());
  }
}
