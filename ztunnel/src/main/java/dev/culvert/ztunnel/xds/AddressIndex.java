// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What has an address. Several things may, for a time or for good as pods of the host network do;
 * then the last that ranks best is the answer. Written by one thread, read by all.
 */
final class AddressIndex<T> {
  private static final int MAPPED_PREFIX = 10;

  private final Map<InetAddress, List<T>> all = new HashMap<>();
  private final ConcurrentMap<InetAddress, Optional<T>> chosen = new ConcurrentHashMap<>();
  private final Comparator<T> rank;

  /**
   * @param rank the greatest is the answer
   */
  AddressIndex(Comparator<T> rank) {
    this.rank = rank;
  }

  Optional<T> get(InetAddress address) {
    return chosen.getOrDefault(plain(address), Optional.empty());
  }

  void add(InetAddress address, T value) {
    all.computeIfAbsent(address, a -> new ArrayList<>(1)).addFirst(value);
    choose(address);
  }

  void remove(InetAddress address, T value) {
    List<T> values = all.get(address);
    if (values != null && values.remove(value)) {
      choose(address);
    }
  }

  private void choose(InetAddress address) {
    List<T> values = all.get(address);
    if (values.isEmpty()) {
      all.remove(address);
      chosen.remove(address);
      return;
    }
    T best = values.getFirst();
    for (T value : values) {
      best = rank.compare(value, best) > 0 ? value : best;
    }
    chosen.put(address, Optional.of(best));
  }

  /** A native transport may tell an IPv4 peer as ::ffff:a.b.c.d. */
  static InetAddress plain(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address;
    }
    byte[] bytes = address.getAddress();
    if (bytes[0] != 0 || bytes[MAPPED_PREFIX] != -1) {
      return address;
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of a wrong length: " + address, e);
    }
  }
}
