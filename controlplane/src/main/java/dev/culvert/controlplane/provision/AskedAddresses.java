// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.GatewayResource.Address;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The addresses that a front door asks for (Gateway API, {@code spec.addresses}). A load balancer
 * is asked for the first one, which is all that a Service can say; other Services take them as
 * their external ones. Pure.
 */
record AskedAddresses(List<Address> all) {
  private static final String BROADCAST = "255.255.255.255";

  static AskedAddresses of(GatewayResource gateway) {
    return new AskedAddresses(gateway.addresses());
  }

  /** Why they cannot be asked for, if they cannot. */
  Optional<Verdict> refusal() {
    return all.stream()
        .filter(one -> one.ip().isEmpty())
        .findFirst()
        .map(
            one ->
                Verdict.invalid(
                    "UnsupportedAddress",
                    "spec.addresses: '%s' of type %s cannot be asked for: write one of type IPAddress, or leave it out"
                        .formatted(one.value(), one.type())));
  }

  /** Those that no front door can be reached at. */
  List<String> impossible() {
    return all.stream()
        .flatMap(one -> one.ip().stream())
        .filter(AskedAddresses::isImpossible)
        .map(InetAddress::getHostAddress)
        .toList();
  }

  private static boolean isImpossible(InetAddress ip) {
    return ip.isAnyLocalAddress()
        || ip.isLoopbackAddress()
        || ip.isLinkLocalAddress()
        || ip.isMulticastAddress()
        || ip.getHostAddress().equals(BROADCAST);
  }

  /**
   * Has a Service ask for those that are possible.
   *
   * @param balanced whether a load balancer gives it its address
   */
  void ask(Map<String, Object> spec, boolean balanced) {
    List<String> possible =
        all.stream()
            .flatMap(one -> one.ip().stream())
            .filter(ip -> !isImpossible(ip))
            .map(InetAddress::getHostAddress)
            .toList();
    if (possible.isEmpty()) {
      return;
    }
    if (balanced) {
      spec.put("loadBalancerIP", possible.getFirst());
    } else {
      spec.put("externalIPs", possible);
    }
  }

  /** Which are not among those that it was given. */
  List<String> missing(List<Address> given) {
    Set<InetAddress> has =
        given.stream()
            .flatMap(one -> one.ip().stream())
            .collect(Collectors.toCollection(HashSet::new));
    return all.stream()
        .flatMap(one -> one.ip().stream())
        .filter(ip -> !has.contains(ip))
        .map(InetAddress::getHostAddress)
        .toList();
  }
}
