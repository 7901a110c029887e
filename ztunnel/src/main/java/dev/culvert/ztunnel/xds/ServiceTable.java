// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;

/**
 * The services, found by address and by name, and the endpoints of each, gathered anew only when
 * one of them changed. Written on the xDS thread, read on any.
 */
final class ServiceTable {
  private final ConcurrentMap<String, Service> services = new ConcurrentHashMap<>();
  private final Map<String, Service> byKey = new HashMap<>();
  private final VipIndex byVip = new VipIndex();
  private final NamedIndex<Service> byHostname = new NamedIndex<>();
  private final ConcurrentMap<String, List<Service>> acrossNamespaces = new ConcurrentHashMap<>();
  private final NamedIndex<EndpointSet> endpoints = new NamedIndex<>();
  private final Map<String, Map<String, Workload>> members = new HashMap<>();
  private final Set<String> changed = new HashSet<>();
  private boolean rangesChanged;

  Optional<Service> byVip(InetAddress address, String clientNamespace) {
    return byVip.find(address, clientNamespace);
  }

  Optional<Service> byHostname(String namespace, String hostname) {
    return byHostname.get(namespace, hostname);
  }

  /** The services of that host name, whatever their namespace. */
  List<Service> byHostname(String hostname) {
    return acrossNamespaces.getOrDefault(hostname, List.of());
  }

  EndpointSet endpoints(Service service) {
    return endpoints.get(service.namespace(), service.hostname()).orElse(EndpointSet.none());
  }

  Collection<Service> all() {
    return List.copyOf(services.values());
  }

  /** The new is in place before the old goes: no reader finds nothing in between. */
  void put(String name, Service service) {
    Service before = services.put(name, service);
    if (service.equals(before)) {
      services.put(name, before);
      return;
    }
    byKey.put(service.key(), service);
    byHostname.put(service.namespace(), service.hostname(), service);
    acrossNamespaces.merge(service.hostname(), List.of(service), ServiceTable::join);
    byVip.add(service);
    changed.add(service.key());
    if (before != null) {
      forget(before);
    }
    rangesChanged |= hasRange(service);
  }

  void remove(String name) {
    Service removed = services.remove(name);
    if (removed != null) {
      forget(removed);
    }
  }

  @SuppressWarnings("ReferenceEquality") // another of the same key may have come
  private void forget(Service gone) {
    if (byKey.get(gone.key()) == gone) {
      byKey.remove(gone.key());
    }
    byHostname.remove(gone.namespace(), gone.hostname(), gone);
    acrossNamespaces.computeIfPresent(gone.hostname(), (host, all) -> without(all, gone));
    byVip.remove(gone);
    changed.add(gone.key());
    rangesChanged |= hasRange(gone);
  }

  void addEndpoint(Workload workload) {
    for (String key : workload.services().keySet()) {
      members.computeIfAbsent(key, k -> new LinkedHashMap<>()).put(workload.uid(), workload);
      changed.add(key);
    }
  }

  @SuppressWarnings("ReferenceEquality") // the one that was added, not one like it
  void removeEndpoint(Workload workload) {
    for (String key : workload.services().keySet()) {
      Map<String, Workload> own = members.get(key);
      if (own != null && own.get(workload.uid()) == workload) {
        own.remove(workload.uid());
        changed.add(key);
      }
    }
  }

  /** Makes the endpoints and ranges of what changed since the last call visible. */
  void publish() {
    if (rangesChanged) {
      byVip.setRanges(services.values());
      rangesChanged = false;
    }
    for (String key : changed) {
      Service service = byKey.get(key);
      Map<String, Workload> behind = members.getOrDefault(key, Map.of());
      if (service != null) {
        endpoints.put(
            service.namespace(), service.hostname(), EndpointSet.of(service, behind.values()));
      } else {
        int slash = key.indexOf('/');
        endpoints.remove(key.substring(0, slash), key.substring(slash + 1));
      }
      members.computeIfPresent(key, (k, own) -> own.isEmpty() ? null : own);
    }
    changed.clear();
  }

  private static boolean hasRange(Service service) {
    return service.vips().stream().anyMatch(Service.Vip::isRange);
  }

  private static List<Service> join(List<Service> all, List<Service> added) {
    return Stream.concat(all.stream(), added.stream()).sorted(VipIndex.BEST_FIRST).toList();
  }

  private static List<Service> without(List<Service> all, Service gone) {
    List<Service> left = new ArrayList<>(all);
    left.remove(gone);
    return left.isEmpty() ? null : List.copyOf(left);
  }
}
