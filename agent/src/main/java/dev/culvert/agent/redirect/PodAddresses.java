// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A pod's addresses: at most one of each family, at least one. */
public record PodAddresses(Optional<Inet4Address> ip4, Optional<Inet6Address> ip6) {

  /**
   * Sorts addresses by family.
   *
   * @throws IllegalArgumentException when there is none, or two of one family
   */
  public static PodAddresses of(Collection<InetAddress> addresses) {
    Set<InetAddress> distinct = new LinkedHashSet<>(addresses);
    Optional<Inet4Address> ip4 = first(distinct, Inet4Address.class);
    Optional<Inet6Address> ip6 = first(distinct, Inet6Address.class);
    if (distinct.isEmpty()
        || Stream.of(ip4, ip6).flatMap(Optional::stream).count() != distinct.size()) {
      throw new IllegalArgumentException(
          "a pod has one IPv4 address, or one IPv6 address, or one of each, not " + distinct);
    }
    return new PodAddresses(ip4, ip6);
  }

  private static <A extends InetAddress> Optional<A> first(Set<InetAddress> all, Class<A> family) {
    return all.stream().filter(family::isInstance).map(family::cast).findFirst();
  }

  /** All of them. */
  public List<InetAddress> all() {
    return Stream.of(ip4, ip6).<InetAddress>flatMap(Optional::stream).toList();
  }

  /** Whether a packet to one pod could be meant for the other. */
  public boolean intersects(PodAddresses other) {
    return all().stream().anyMatch(other.all()::contains);
  }

  @Override
  public String toString() {
    return String.join(" ", all().stream().map(InetAddress::getHostAddress).toList());
  }
}
