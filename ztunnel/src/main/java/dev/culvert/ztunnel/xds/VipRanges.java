// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The ranges that services have instead of addresses. A client's own namespace goes first, then the
 * longest prefix, then {@link VipIndex#BEST_FIRST}. Immutable.
 */
final class VipRanges {
  private static final VipRanges NONE = new VipRanges(List.of());

  /** The services of one prefix length, by the bits of the prefix. */
  private record Level(int addressBits, int length, Map<BigInteger, List<Service>> byPrefix) {}

  private record LevelKey(int addressBits, int length) {}

  private final List<Level> longestFirst;

  private VipRanges(List<Level> longestFirst) {
    this.longestFirst = longestFirst;
  }

  static VipRanges none() {
    return NONE;
  }

  static VipRanges of(Collection<Service> services) {
    Map<LevelKey, Level> levels =
        new TreeMap<>(
            Comparator.comparingInt(LevelKey::length)
                .reversed()
                .thenComparingInt(LevelKey::addressBits));
    for (Service service : services.stream().sorted(VipIndex.BEST_FIRST).toList()) {
      service.vips().stream()
          .filter(Service.Vip::isRange)
          .forEach(vip -> add(levels, vip, service));
    }
    return levels.isEmpty() ? NONE : new VipRanges(List.copyOf(levels.values()));
  }

  private static void add(Map<LevelKey, Level> levels, Service.Vip vip, Service service) {
    byte[] address = vip.address().getAddress();
    int bits = address.length * Byte.SIZE;
    levels
        .computeIfAbsent(
            new LevelKey(bits, vip.prefixLength()),
            key -> new Level(key.addressBits(), key.length(), new HashMap<>()))
        .byPrefix()
        .computeIfAbsent(prefix(address, vip.prefixLength()), p -> new ArrayList<>(1))
        .add(service);
  }

  private static BigInteger prefix(byte[] address, int length) {
    return new BigInteger(1, address).shiftRight(address.length * Byte.SIZE - length);
  }

  /** The service, or null. */
  Service find(InetAddress address, String clientNamespace) {
    if (longestFirst.isEmpty()) {
      return null;
    }
    byte[] bytes = address.getAddress();
    Service other = null;
    for (Level level : longestFirst) {
      if (level.addressBits() == bytes.length * Byte.SIZE) {
        for (Service one :
            level.byPrefix().getOrDefault(prefix(bytes, level.length()), List.of())) {
          if (one.namespace().equals(clientNamespace)) {
            return one;
          }
          other = other == null && one.isVisibleTo(clientNamespace) ? one : other;
        }
      }
    }
    return other;
  }
}
