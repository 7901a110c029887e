// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.Endpoint;
import dev.culvert.policy.resource.EndpointSliceResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.ServiceEntryResource;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.resource.WorkloadEntryResource;
import dev.culvert.policy.resource.WorkloadEntrySpec;
import dev.culvert.policy.wire.workload.PortList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is behind which services, and on which ports. The slices of a service say it; a service that
 * has none of its own has the pods that its selector picks, because a folder of YAML has no
 * endpoint controller. Selectors pick workload entries too, which no controller puts into slices.
 * What has the address of a pod is that pod, however it is written: there is one workload of an
 * address, and connections to it are as safe as those to the pod.
 */
final class Endpoints {
  private final MeshNames names;
  private final Map<String, SortedMap<String, PortList>> byPod = new HashMap<>();
  private final Map<String, SortedMap<String, PortList>> byEntry = new HashMap<>();
  private final List<SliceEndpoint> podless = new ArrayList<>();
  private final Surroundings surroundings;

  private Endpoints(ResourceIndex index, MeshNames names) {
    this.names = names;
    this.surroundings = index.surroundings();
  }

  static Endpoints of(ResourceIndex index, MeshNames names) {
    Endpoints endpoints = new Endpoints(index, names);
    ByNamespace members = ByNamespace.of(index);
    for (ServiceResource service : index.services()) {
      Collection<EndpointSliceResource> slices = index.slices(service);
      slices.forEach(slice -> endpoints.add(service, slice));
      if (slices.isEmpty()) {
        members.pods(service.metadata()).stream()
            .filter(service::selects)
            .forEach(pod -> endpoints.add(service, pod));
      }
      members.entries(service.metadata()).stream()
          .filter(entry -> service.selects(namespace(entry), entry.labels()))
          .forEach(entry -> endpoints.add(service, entry));
    }
    for (ServiceEntryResource service : index.serviceEntries()) {
      members.pods(service.metadata()).stream()
          .filter(pod -> service.selects(pod.metadata().namespace(), pod.metadata().labels()))
          .forEach(pod -> endpoints.add(service, pod));
      members.entries(service.metadata()).stream()
          .filter(entry -> service.selects(namespace(entry), entry.labels()))
          .forEach(entry -> endpoints.add(service, entry));
      service.endpoints().forEach(endpoint -> endpoints.add(service, endpoint));
    }
    return endpoints;
  }

  /** What selectors of a namespace may pick. */
  private record ByNamespace(
      Map<String, List<PodResource>> pods, Map<String, List<WorkloadEntryResource>> entries) {
    static ByNamespace of(ResourceIndex index) {
      ByNamespace members = new ByNamespace(new HashMap<>(), new HashMap<>());
      for (PodResource pod : index.pods()) {
        members.pods.computeIfAbsent(pod.metadata().namespace(), k -> new ArrayList<>()).add(pod);
      }
      for (WorkloadEntryResource entry : index.workloadEntries()) {
        members.entries.computeIfAbsent(namespace(entry), k -> new ArrayList<>()).add(entry);
      }
      return members;
    }

    List<PodResource> pods(ObjectMeta service) {
      return pods.getOrDefault(service.namespace(), List.of());
    }

    List<WorkloadEntryResource> entries(ObjectMeta service) {
      return entries.getOrDefault(service.namespace(), List.of());
    }
  }

  /** The services of a pod, by their name on the wire. */
  SortedMap<String, PortList> of(PodResource pod) {
    return byPod.getOrDefault(ResourceIndex.name(pod.metadata()), Collections.emptySortedMap());
  }

  /** The services of a workload entry, by their name on the wire. */
  SortedMap<String, PortList> of(WorkloadEntryResource entry) {
    return byEntry.getOrDefault(ResourceIndex.name(entry.metadata()), Collections.emptySortedMap());
  }

  /** The services of an endpoint that a service entry names: one for each host. */
  SortedMap<String, PortList> of(ServiceEntryResource service, WorkloadEntrySpec endpoint) {
    SortedMap<String, PortList> services = new TreeMap<>();
    service
        .hosts()
        .forEach(host -> services.put(key(service, host), EndpointPorts.of(service, endpoint)));
    return services;
  }

  /** The service of a host that is its own endpoint. */
  SortedMap<String, PortList> of(ServiceEntryResource service, String host) {
    return new TreeMap<>(Map.of(key(service, host), EndpointPorts.of(service)));
  }

  /** Whether what is written as an entry is a pod: then it is told of as that, and not twice. */
  boolean isPod(WorkloadEntrySpec entry) {
    return podOf(entry).isPresent();
  }

  private Optional<String> podOf(WorkloadEntrySpec entry) {
    boolean here = entry.network().isEmpty() || entry.network().equals(names.network());
    return here ? entry.ip().flatMap(surroundings::podAt) : Optional.empty();
  }

  /** Addresses that slices name and that are no pods. */
  List<SliceEndpoint> withoutPod() {
    return podless;
  }

  private void add(ServiceResource service, PodResource pod) {
    put(byPod, ResourceIndex.name(pod.metadata()), key(service), EndpointPorts.of(service, pod));
  }

  private void add(ServiceResource service, WorkloadEntryResource entry) {
    put(entry, key(service), EndpointPorts.of(service, entry.spec()));
  }

  private void put(WorkloadEntryResource entry, String service, PortList ports) {
    Optional<String> pod = podOf(entry.spec());
    if (pod.isPresent()) {
      put(byPod, pod.get(), service, ports);
    } else {
      put(byEntry, ResourceIndex.name(entry.metadata()), service, ports);
    }
  }

  private void add(ServiceEntryResource service, PodResource pod) {
    String name = ResourceIndex.name(pod.metadata());
    service
        .hosts()
        .forEach(host -> put(byPod, name, key(service, host), EndpointPorts.of(service)));
  }

  private void add(ServiceEntryResource service, WorkloadEntryResource entry) {
    of(service, entry.spec()).forEach((key, ports) -> put(entry, key, ports));
  }

  private void add(ServiceEntryResource service, WorkloadEntrySpec endpoint) {
    podOf(endpoint)
        .ifPresent(
            pod -> of(service, endpoint).forEach((key, ports) -> put(byPod, pod, key, ports)));
  }

  private void add(ServiceResource service, EndpointSliceResource slice) {
    PortList ports = EndpointPorts.of(service, slice);
    String namespace = slice.metadata().namespace();
    for (Endpoint endpoint : slice.endpoints()) {
      Optional<String> pod =
          endpoint.pod().map(name -> namespace + "/" + name).or(() -> podOf(endpoint));
      if (pod.isPresent()) {
        put(byPod, pod.get(), key(service), ports);
      } else {
        podless.add(new SliceEndpoint(slice, endpoint, key(service), ports));
      }
    }
  }

  private Optional<String> podOf(Endpoint endpoint) {
    return endpoint.addresses().stream().flatMap(ip -> surroundings.podAt(ip).stream()).findFirst();
  }

  /** A pod may be in several slices of one service, one per address family or set of ports. */
  private static void put(
      Map<String, SortedMap<String, PortList>> all, String member, String key, PortList ports) {
    all.computeIfAbsent(member, k -> new TreeMap<>()).merge(key, ports, EndpointPorts::union);
  }

  private static String namespace(WorkloadEntryResource entry) {
    return entry.metadata().namespace();
  }

  private String key(ServiceResource service) {
    return names.serviceKey(service.metadata().namespace(), service.metadata().name());
  }

  private static String key(ServiceEntryResource service, String host) {
    return service.metadata().namespace() + "/" + host;
  }
}
