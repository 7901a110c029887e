// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import java.net.InetAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;

/**
 * Which service an address means to a client, as namespaces may give out the same one: of those
 * that the client sees, one of its own namespace, then a canonical one, then the smallest key. A
 * range counts only for addresses that no service has as its own. Written by one thread, read by
 * all.
 */
final class VipIndex {
  /** The first that a client sees is its answer, unless its own namespace has one. */
  static final Comparator<Service> BEST_FIRST =
      Comparator.comparing(Service::canonical).reversed().thenComparing(Service::key);

  private final ConcurrentMap<InetAddress, List<Service>> single = new ConcurrentHashMap<>();
  private volatile VipRanges ranges = VipRanges.none();

  Optional<Service> find(InetAddress address, String clientNamespace) {
    InetAddress plain = AddressIndex.plain(address);
    List<Service> holders = single.get(plain);
    Service found = holders == null ? null : choose(holders, clientNamespace);
    return Optional.ofNullable(found != null ? found : ranges.find(plain, clientNamespace));
  }

  /** By index: an iterator would be garbage for every connection. */
  private static Service choose(List<Service> holders, String clientNamespace) {
    Service other = null;
    for (int i = 0; i < holders.size(); i++) {
      Service one = holders.get(i);
      if (one.namespace().equals(clientNamespace)) {
        return one;
      }
      if (other == null && one.isVisibleTo(clientNamespace)) {
        other = one;
      }
    }
    return other;
  }

  void add(Service service) {
    for (Service.Vip vip : service.vips()) {
      if (!vip.isRange()) {
        single.merge(vip.address(), List.of(service), VipIndex::join);
      }
    }
  }

  void remove(Service service) {
    for (Service.Vip vip : service.vips()) {
      single.computeIfPresent(vip.address(), (address, all) -> without(all, service));
    }
  }

  /** Ranges are few and change seldom: they are indexed anew as a whole. */
  void setRanges(Collection<Service> all) {
    ranges = VipRanges.of(all);
  }

  private static List<Service> join(List<Service> all, List<Service> added) {
    return Stream.concat(all.stream(), added.stream()).sorted(BEST_FIRST).toList();
  }

  @SuppressWarnings("ReferenceEquality") // the one that was added, not one like it
  private static List<Service> without(List<Service> all, Service gone) {
    List<Service> left = all.stream().filter(one -> one != gone).toList();
    return left.isEmpty() ? null : left;
  }
}
