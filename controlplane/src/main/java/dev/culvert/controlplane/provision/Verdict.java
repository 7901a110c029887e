// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.GatewayResource;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a Gateway's status says of it.
 *
 * @param accepted whether it is one that can be made
 * @param programmed whether it takes connections
 * @param addresses where it is reached
 */
record Verdict(Condition accepted, Condition programmed, List<GatewayResource.Address> addresses) {
  Verdict {
    addresses = List.copyOf(addresses);
  }

  static Verdict ready(Shape shape, List<GatewayResource.Address> addresses, int replicas) {
    return new Verdict(
        accepted(shape),
        programmed(true, "Programmed", "%d replicas are ready".formatted(replicas)),
        addresses);
  }

  static Verdict pending(Shape shape, List<GatewayResource.Address> addresses) {
    return new Verdict(
        accepted(shape),
        programmed(false, "Pending", "no replica is ready yet: see the Deployment of its name"),
        addresses);
  }

  /** Nobody has said yet where it is reached. */
  static Verdict unreachable(Shape shape) {
    return new Verdict(
        accepted(shape),
        programmed(
            false,
            "AddressNotAssigned",
            "its Service has no address of a load balancer yet; where there is none, set"
                + " serviceType of its parameters to NodePort or ClusterIP"),
        List.of());
  }

  /**
   * It is not given all the addresses that it asks for.
   *
   * @param missing those
   * @param given those that it has
   */
  static Verdict withoutAddresses(
      Shape shape, List<String> missing, List<GatewayResource.Address> given) {
    String has =
        given.isEmpty()
            ? "none"
            : given.stream().map(GatewayResource.Address::value).collect(Collectors.joining(", "));
    return new Verdict(
        accepted(shape),
        programmed(
            false,
            "AddressNotUsable",
            "spec.addresses: its Service has not been given %s, it has %s: see the events of the Service, or ask for another"
                .formatted(String.join(", ", missing), has)),
        given);
  }

  /** It asks for addresses that are nowhere. */
  static Verdict impossible(Shape shape, List<String> addresses) {
    return failed(
        shape,
        "AddressNotUsable",
        "spec.addresses: nobody outside could reach %s: ask for another"
            .formatted(String.join(", ", addresses)));
  }

  /** What it asks for is no sense. */
  static Verdict invalid(String reason, String message) {
    return new Verdict(
        accepted(false, reason, message), programmed(false, "Invalid", message), List.of());
  }

  /** It makes sense, and cannot be had. */
  static Verdict failed(Shape shape, String reason, String message) {
    return new Verdict(accepted(shape), programmed(false, reason, message), List.of());
  }

  /**
   * The same where some of its listeners cannot be served, which is told where it is accepted.
   *
   * @param unserved their names
   */
  Verdict without(List<String> unserved) {
    if (unserved.isEmpty() || !accepted.holds()) {
      return this;
    }
    Condition partly =
        accepted(
            true,
            "ListenersNotValid",
            "all but listener %s: see the conditions of these"
                .formatted(String.join(", ", unserved)));
    return new Verdict(partly, programmed, addresses);
  }

  List<Condition> conditions() {
    return List.of(accepted, programmed);
  }

  private static Condition accepted(Shape shape) {
    return accepted(true, "Accepted", "it is %s of Culvert".formatted(shape.what()));
  }

  private static Condition accepted(boolean holds, String reason, String message) {
    return new Condition("Accepted", holds, reason, message);
  }

  private static Condition programmed(boolean holds, String reason, String message) {
    return new Condition("Programmed", holds, reason, message);
  }
}
