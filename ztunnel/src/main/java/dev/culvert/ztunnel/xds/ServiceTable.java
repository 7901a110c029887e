// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.ztunnel.xds.RoutingPreference.Place;
import dev.culvert.ztunnel.xds.RoutingPreference.Placed;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * The services, found by address and by name, and the endpoints of each, chosen anew only when one
 * of them changed. Written on the xDS thread, read on any.
 */
final class ServiceTable {
  private static final Comparator<Service> SMALLEST_KEY =
      Comparator.comparing(Service::key, Comparator.reverseOrder());

  private record Preferred(Service service, RoutingPreference preference) {}

  private final ConcurrentMap<String, Preferred> services = new ConcurrentHashMap<>();
  private final Map<String, Preferred> byKey = new HashMap<>();
  private final AddressIndex<Service> byVip = new AddressIndex<>(SMALLEST_KEY);
  private final NamedIndex<Service> byHostname = new NamedIndex<>();
  private final ConcurrentMap<String, List<Service>> acrossNamespaces = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, List<Workload>> endpoints = new ConcurrentHashMap<>();
  private final Map<String, Map<String, Placed>> members = new HashMap<>();
  private final Set<String> changed = new HashSet<>();
  private volatile List<Service> ranges = List.of();
  private Place here;
  private boolean rangesChanged;

  /**
   * @param here this node; its locality is learned from the pods on it
   */
  ServiceTable(Place here) {
    this.here = here;
  }

  Optional<Service> byVip(InetAddress address) {
    Optional<Service> exact = byVip.get(address);
    return exact.isPresent() || ranges.isEmpty() ? exact : byRange(AddressIndex.plain(address));
  }

  Optional<Service> byHostname(String namespace, String hostname) {
    return byHostname.get(namespace, hostname);
  }

  /** The services of that host name, whatever their namespace. */
  List<Service> byHostname(String hostname) {
    return acrossNamespaces.getOrDefault(hostname, List.of());
  }

  List<Workload> endpoints(Service service) {
    return endpoints.getOrDefault(service.key(), List.of());
  }

  void forEach(BiConsumer<Service, RoutingPreference> action) {
    services.values().forEach(one -> action.accept(one.service(), one.preference()));
  }

  Collection<Service> all() {
    return services.values().stream().map(Preferred::service).toList();
  }

  /** The new is in place before the old goes: no reader finds nothing in between. */
  void put(String name, Service service, RoutingPreference preference) {
    Preferred now = new Preferred(service, preference);
    Preferred before = services.put(name, now);
    if (now.equals(before)) {
      return;
    }
    byKey.put(service.key(), now);
    byHostname.put(service.namespace(), service.hostname(), service);
    acrossNamespaces.merge(service.hostname(), List.of(service), ServiceTable::join);
    service.vips().stream()
        .filter(vip -> !isRange(vip))
        .forEach(vip -> byVip.add(vip.address(), service));
    changed.add(service.key());
    if (before != null) {
      forget(before);
    }
    rangesChanged |= hasRange(service);
  }

  void remove(String name) {
    Preferred removed = services.remove(name);
    if (removed != null) {
      forget(removed);
    }
  }

  private void forget(Preferred gone) {
    Service service = gone.service();
    byKey.remove(service.key(), gone);
    byHostname.remove(service.namespace(), service.hostname(), service);
    acrossNamespaces.computeIfPresent(service.hostname(), (host, all) -> without(all, service));
    service.vips().forEach(vip -> byVip.remove(vip.address(), service));
    changed.add(service.key());
    rangesChanged |= hasRange(service);
  }

  void addEndpoint(Placed placed) {
    Workload workload = placed.workload();
    for (String key : workload.services().keySet()) {
      members.computeIfAbsent(key, k -> new LinkedHashMap<>()).put(workload.uid(), placed);
      changed.add(key);
    }
    learnPlace(placed.place());
  }

  void removeEndpoint(Placed placed) {
    Workload workload = placed.workload();
    for (String key : workload.services().keySet()) {
      Map<String, Placed> own = members.get(key);
      if (own != null && own.remove(workload.uid(), placed)) {
        changed.add(key);
      }
    }
  }

  /** Makes the endpoints and ranges of what changed since the last call visible. */
  void publish() {
    if (rangesChanged) {
      updateRanges();
      rangesChanged = false;
    }
    for (String key : changed) {
      Preferred one = byKey.get(key);
      if (one == null) {
        endpoints.remove(key);
      } else {
        endpoints.put(key, choose(one));
      }
      members.computeIfPresent(key, (k, own) -> own.isEmpty() ? null : own);
    }
    changed.clear();
  }

  private List<Workload> choose(Preferred one) {
    List<Placed> candidates =
        members.getOrDefault(one.service().key(), Map.of()).values().stream()
            .filter(placed -> one.service().takesUnready() || placed.workload().healthy())
            .toList();
    return one.preference().choose(candidates, here);
  }

  private void learnPlace(Place place) {
    if (!place.node().equals(here.node()) || place.equals(here)) {
      return;
    }
    here = place;
    services.values().stream()
        .filter(one -> one.preference().dependsOnPlace())
        .forEach(one -> changed.add(one.service().key()));
  }

  private void updateRanges() {
    ranges =
        services.values().stream().map(Preferred::service).filter(ServiceTable::hasRange).toList();
  }

  private Optional<Service> byRange(InetAddress address) {
    byte[] bytes = address.getAddress();
    Service best = null;
    int longest = -1;
    for (Service service : ranges) {
      for (Service.Vip vip : service.vips()) {
        if (vip.prefixLength() > longest && holds(vip, bytes)) {
          longest = vip.prefixLength();
          best = service;
        }
      }
    }
    return Optional.ofNullable(best);
  }

  private static boolean hasRange(Service service) {
    return service.vips().stream().anyMatch(ServiceTable::isRange);
  }

  private static boolean isRange(Service.Vip vip) {
    return vip.prefixLength() < vip.address().getAddress().length * Byte.SIZE;
  }

  private static boolean holds(Service.Vip vip, byte[] address) {
    byte[] range = vip.address().getAddress();
    if (range.length != address.length) {
      return false;
    }
    for (int bit = 0; bit < vip.prefixLength(); bit++) {
      int mask = 0x80 >> (bit % Byte.SIZE);
      if (((range[bit / Byte.SIZE] ^ address[bit / Byte.SIZE]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }

  private static List<Service> join(List<Service> all, List<Service> added) {
    return Stream.concat(all.stream(), added.stream()).toList();
  }

  private static List<Service> without(List<Service> all, Service gone) {
    List<Service> left = new ArrayList<>(all);
    left.remove(gone);
    return left.isEmpty() ? null : List.copyOf(left);
  }
}
