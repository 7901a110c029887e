// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.Endpoint;
import dev.culvert.policy.resource.EndpointSliceResource;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.ServiceEntryResource;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.resource.WorkloadEntryResource;
import dev.culvert.policy.resource.WorkloadEntrySpec;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How far a change of what is behind services reaches. What is written as an address may be a pod,
 * of any namespace: then it is the pod that changes, and the pod that what is written hangs on.
 */
final class EndpointChange {
  private final MeshStore store;
  private final Reach reach;

  EndpointChange(MeshStore store, Reach reach) {
    this.store = store;
    this.reach = reach;
  }

  /** A pod comes, changes or goes. */
  void pod(PodResource pod) {
    for (InetAddress ip : PodAddresses.ownAddresses(pod)) {
      Set<String> referring = store.endpointAddresses.of(ip);
      if (!referring.isEmpty()) {
        referring.forEach(reach::rest);
        store.podAddresses.podsAt(ip).forEach(reach::pod);
      }
    }
  }

  /** The ports or the selector of a service change, or it comes or goes. */
  void service(ServiceResource service) {
    String namespace = service.metadata().namespace();
    NamespaceContents contents = store.contents(namespace);
    reach.allPods(namespace);
    contents.slices(service.metadata().name()).forEach(slice -> addresses(addresses(slice)));
    contents.workloadEntries.values().forEach(entry -> addresses(addresses(entry.spec())));
  }

  /** A slice comes, changes or goes. */
  void slice(@Nullable EndpointSliceResource before, @Nullable EndpointSliceResource after) {
    Set<Endpoint> kept = new HashSet<>();
    if (before != null && after != null && serveAlike(before, after)) {
      kept.addAll(before.endpoints());
      kept.retainAll(new HashSet<>(after.endpoints()));
      detach(before);
      attach(after);
    } else {
      MeshChange.ifThere(before, this::detach);
      MeshChange.ifThere(before, this::selectingAgain);
      MeshChange.ifThere(after, this::selectingAgain);
      MeshChange.ifThere(after, this::attach);
    }
    MeshChange.ifThere(before, slice -> endpoints(slice, kept));
    MeshChange.ifThere(after, slice -> endpoints(slice, kept));
  }

  private static boolean serveAlike(EndpointSliceResource one, EndpointSliceResource other) {
    return one.serviceName().equals(other.serviceName()) && one.ports().equals(other.ports());
  }

  private void detach(EndpointSliceResource slice) {
    String namespace = slice.metadata().namespace();
    store.contents(namespace).remove(slice.metadata().name());
    store.endpointAddresses.remove(namespace, addresses(slice));
    store.endpointNodes.remove(namespace, nodes(slice));
  }

  private void attach(EndpointSliceResource slice) {
    String namespace = slice.metadata().namespace();
    store.contents(namespace).put(slice);
    store.endpointAddresses.add(namespace, addresses(slice));
    store.endpointNodes.add(namespace, nodes(slice));
  }

  /** Without slices, a service has the pods that it selects: before its first, after its last. */
  private void selectingAgain(EndpointSliceResource slice) {
    String namespace = slice.metadata().namespace();
    slice
        .serviceName()
        .filter(service -> store.contents(namespace).slices(service).isEmpty())
        .ifPresent(_ -> reach.allPods(namespace));
  }

  private void endpoints(EndpointSliceResource slice, Set<Endpoint> kept) {
    String namespace = slice.metadata().namespace();
    for (Endpoint endpoint : slice.endpoints()) {
      if (endpoint.pod().isEmpty()) {
        reach.rest(namespace);
        addresses(endpoint.addresses());
      } else if (!kept.contains(endpoint)) {
        reach.pod(new ObjectName(namespace, endpoint.pod().get()));
      }
    }
  }

  /** A workload entry comes, changes or goes. */
  void entry(@Nullable WorkloadEntryResource before, @Nullable WorkloadEntryResource after) {
    MeshChange.ifThere(
        before,
        entry -> {
          String namespace = entry.metadata().namespace();
          store.contents(namespace).workloadEntries.remove(entry.metadata().name());
          store.endpointAddresses.remove(namespace, addresses(entry.spec()));
          reach.rest(namespace);
          addresses(addresses(entry.spec()));
        });
    MeshChange.ifThere(
        after,
        entry -> {
          String namespace = entry.metadata().namespace();
          store.contents(namespace).workloadEntries.put(entry.metadata().name(), entry);
          store.endpointAddresses.add(namespace, addresses(entry.spec()));
          reach.rest(namespace);
          addresses(addresses(entry.spec()));
        });
  }

  /** A service entry comes, changes or goes. */
  void entry(@Nullable ServiceEntryResource before, @Nullable ServiceEntryResource after) {
    MeshChange.ifThere(
        before,
        entry -> {
          String namespace = entry.metadata().namespace();
          store.contents(namespace).serviceEntries.remove(entry.metadata().name());
          entry.endpoints().forEach(e -> store.endpointAddresses.remove(namespace, addresses(e)));
          selecting(entry);
        });
    MeshChange.ifThere(
        after,
        entry -> {
          String namespace = entry.metadata().namespace();
          store.contents(namespace).serviceEntries.put(entry.metadata().name(), entry);
          entry.endpoints().forEach(e -> store.endpointAddresses.add(namespace, addresses(e)));
          selecting(entry);
        });
  }

  private void selecting(ServiceEntryResource entry) {
    String namespace = entry.metadata().namespace();
    reach.all(namespace);
    entry.endpoints().forEach(endpoint -> addresses(addresses(endpoint)));
    store
        .contents(namespace)
        .workloadEntries
        .values()
        .forEach(one -> addresses(addresses(one.spec())));
  }

  private void addresses(Collection<InetAddress> ips) {
    ips.forEach(ip -> store.podAddresses.podsAt(ip).forEach(reach::pod));
  }

  private static Collection<InetAddress> addresses(WorkloadEntrySpec entry) {
    return entry.ip().stream().toList();
  }

  /** Of endpoints that do not name their pod. */
  private static List<InetAddress> addresses(EndpointSliceResource slice) {
    return podless(slice).stream().flatMap(one -> one.addresses().stream()).toList();
  }

  private static List<String> nodes(EndpointSliceResource slice) {
    return podless(slice).stream().map(Endpoint::nodeName).toList();
  }

  private static List<Endpoint> podless(EndpointSliceResource slice) {
    return slice.endpoints().stream().filter(one -> one.pod().isEmpty()).toList();
  }
}
