// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.controlplane.status.ListenerStatus;
import dev.culvert.policy.resource.ResourceError;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceNotice;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * All that is to be said at one moment. Immutable.
 *
 * @param policies without those with errors
 * @param routes what becomes of each at its parents
 * @param listenerSets of Gateways of ours
 * @param backendTls what BackendTLSPolicies are
 * @param bindings of services that use a waypoint
 * @param errors by what the object is called in them
 * @param notices of what has no effect, in the same way
 */
public record Said(
    Map<ResourceKey, List<Condition>> policies,
    Map<ResourceKey, List<Attachment>> routes,
    Map<ResourceKey, GatewayVerdict> gateways,
    Map<ResourceKey, ListenerSetVerdict> listenerSets,
    Map<ResourceKey, BackendTlsVerdict> backendTls,
    Map<ResourceKey, Condition> bindings,
    Map<String, List<ResourceError>> errors,
    Map<String, List<ResourceNotice>> notices) {

  /** Nothing yet. */
  public static final Said NOTHING =
      new Said(Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of());

  public Said {
    policies = Map.copyOf(policies);
    routes = Map.copyOf(routes);
    gateways = Map.copyOf(gateways);
    listenerSets = Map.copyOf(listenerSets);
    backendTls = Map.copyOf(backendTls);
    bindings = Map.copyOf(bindings);
    errors = Map.copyOf(errors);
    notices = Map.copyOf(notices);
  }

  /**
   * Lines for the operator: what is attached to nothing, or names what is not there. What the
   * translation found is told by itself.
   */
  public List<String> lines() {
    Stream<String> ofPolicies =
        policies.entrySet().stream()
            .flatMap(
                one ->
                    one.getValue().stream()
                        .filter(condition -> isToldHere(one.getKey(), condition))
                        .map(condition -> line(one.getKey(), condition)));
    Stream<String> ofRoutes =
        routes.entrySet().stream()
            .flatMap(
                one ->
                    one.getValue().stream()
                        .flatMap(attachment -> attachment.conditions().stream())
                        .map(condition -> line(one.getKey(), condition)));
    Stream<String> ofGateways =
        gateways.entrySet().stream()
            .flatMap(
                one ->
                    Stream.concat(
                        one.getValue().conditions().stream()
                            .map(condition -> line(one.getKey(), condition)),
                        lines(one.getKey(), one.getValue().programmed())));
    Stream<String> ofSets =
        listenerSets.entrySet().stream()
            .flatMap(
                one ->
                    Stream.concat(
                        Stream.of(line(one.getKey(), one.getValue().accepted())),
                        lines(one.getKey(), one.getValue().programmed())));
    Stream<String> ofBackends =
        backendTls.entrySet().stream()
            .flatMap(
                one ->
                    one.getValue().conditions().stream()
                        .map(condition -> line(one.getKey(), condition)));
    return Stream.of(ofPolicies, ofRoutes, ofGateways, ofSets, ofBackends)
        .flatMap(each -> each)
        .filter(line -> !line.isEmpty())
        .distinct()
        .sorted()
        .toList();
  }

  private static boolean isToldHere(ResourceKey policy, Condition condition) {
    return policy.kind().equals("TrafficPolicy") || condition.type().equals(Say.WAYPOINT_BOUND);
  }

  private static Stream<String> lines(ResourceKey owner, List<ListenerStatus> listeners) {
    return listeners.stream()
        .flatMap(
            listener ->
                listener.conditions().stream()
                    .filter(condition -> !condition.type().equals(Say.PROGRAMMED))
                    .map(condition -> line(owner + ", listener " + listener.name(), condition)));
  }

  /** Empty for good news. */
  private static String line(Object about, Condition condition) {
    return Say.isBad(condition)
        ? "%s: %s".formatted(Objects.toString(about), condition.message())
        : "";
  }
}
