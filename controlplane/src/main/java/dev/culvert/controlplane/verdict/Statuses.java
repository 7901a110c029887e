// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.controlplane.status.ListenerStatus;
import dev.culvert.controlplane.status.ParentStatus;
import dev.culvert.controlplane.status.WantedStatus;
import dev.culvert.policy.resource.ResourceError;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceNotice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is said of a resource, as the status of its object. */
public final class Statuses {
  private static final Set<String> OF_POLICIES =
      Set.of(Say.ACCEPTED, Say.PARTIALLY_INVALID, Say.WAYPOINT_BOUND);
  private static final Set<String> OF_GATEWAYS =
      Set.of(Say.PARTIALLY_INVALID, Say.RESOLVED_REFS, Say.INSECURE_CLIENTS);
  private static final Set<String> OF_UNREAD_GATEWAYS = Set.of(Say.ACCEPTED, Say.PARTIALLY_INVALID);
  private static final Set<String> OF_SERVICES = Set.of(Bound.TYPE);

  private static final Set<String> OF_LISTENER_SETS = Set.of(Say.ACCEPTED, Say.PROGRAMMED);

  private static final String ELSE_CLOSED =
      "; else it forbids everything to the workloads that it applies to until it is corrected";
  private static final String ELSE_UNSENT =
      "; else nothing is sent to its services until it is corrected";
  private static final String ELSE_NOTHING = "; else it has no effect until it is corrected";

  /** Whoever reads it mends the first ones first. */
  private static final int MOST_ERRORS = 3;

  private final Said said;

  public Statuses(Said said) {
    this.said = said;
  }

  /**
   * The status of a policy.
   *
   * @param origin what it is called in errors
   * @param overridden whether one of the same name goes before it
   * @return empty while nothing is known of it
   */
  public Optional<WantedStatus> ofPolicy(ResourceKey key, String origin, boolean overridden) {
    if (overridden) {
      Condition conflict =
          Say.no(
              Say.ACCEPTED,
              "Conflicted",
              "it has no effect: a policy of the same kind and name in group policy.culvert.dev"
                  + " goes before it; rename one");
      return Optional.of(WantedStatus.of(List.of(conflict), OF_POLICIES));
    }
    Optional<List<Condition>> conditions =
        errors(origin)
            .map(text -> List.of(Say.no(Say.ACCEPTED, "Invalid", text + otherwise(key))))
            .or(() -> Optional.ofNullable(said.policies().get(key)));
    return conditions.map(all -> WantedStatus.of(all, OF_POLICIES));
  }

  /** What forbids is closed while nobody knows what it says. */
  private static String otherwise(ResourceKey policy) {
    return policy.kind().equals("TrafficPolicy") ? ELSE_NOTHING : ELSE_CLOSED;
  }

  /**
   * The status of a route.
   *
   * @param parents its parentRefs as they are written
   */
  public Optional<WantedStatus> ofRoute(
      ResourceKey key, String origin, List<Map<String, Object>> parents) {
    Optional<String> errors = errors(origin);
    return Optional.ofNullable(said.routes().get(key))
        .map(
            attachments ->
                attachments.stream()
                    .filter(one -> one.parent() < parents.size())
                    .map(one -> parent(one, parents.get(one.parent()), errors))
                    .toList())
        .or(() -> errors.map(text -> unread(key, parents, text)))
        .map(WantedStatus::ofParents);
  }

  /**
   * The status of a Gateway beside what its provisioning says; of one that was never read, all of
   * it.
   *
   * @param className its class
   * @param programmed whether it takes connections
   */
  public Optional<WantedStatus> ofGateway(
      ResourceKey key, String origin, String className, boolean programmed) {
    Optional<String> errors = errors(origin);
    return Optional.ofNullable(said.gateways().get(key))
        .map(
            gateway ->
                WantedStatus.of(conditions(gateway, errors.or(() -> notices(origin))), OF_GATEWAYS)
                    .with(listeners(gateway.programmed(), programmed))
                    .with("attachedListenerSets", gateway.listenerSets()))
        .or(
            () ->
                errors
                    .filter(_ -> Controllers.isOurs(className))
                    .map(text -> List.of(Say.no(Say.ACCEPTED, "Invalid", text)))
                    .map(conditions -> WantedStatus.of(conditions, OF_UNREAD_GATEWAYS)));
  }

  private static List<ListenerStatus> listeners(List<ListenerStatus> all, boolean programmed) {
    return programmed ? all : ListenerVerdicts.pending(all);
  }

  /** Whose a ListenerSet is; empty while nothing is known of it. */
  public Optional<ResourceKey> gatewayOf(ResourceKey set) {
    return Optional.ofNullable(said.listenerSets().get(set)).map(ListenerSetVerdict::gateway);
  }

  /**
   * The status of a ListenerSet.
   *
   * @param gateway whose it says that it is
   * @param accepted whether that Gateway is
   * @param programmed whether that Gateway takes connections
   */
  public Optional<WantedStatus> ofListenerSet(
      ResourceKey key, String origin, ResourceKey gateway, boolean accepted, boolean programmed) {
    Optional<ListenerSetVerdict> verdict = Optional.ofNullable(said.listenerSets().get(key));
    Optional<String> errors =
        errors(origin).filter(_ -> verdict.isPresent() || said.gateways().containsKey(gateway));
    if (errors.isPresent()) {
      List<Condition> invalid =
          List.of(
              Say.no(Say.ACCEPTED, "Invalid", errors.get()),
              Say.no(Say.PROGRAMMED, "Invalid", "see Accepted"));
      return Optional.of(
          WantedStatus.of(invalid, OF_LISTENER_SETS)
              .with(verdict.map(one -> listeners(one.programmed(), programmed)).orElse(List.of())));
    }
    return verdict.map(
        one ->
            WantedStatus.of(one.conditions(accepted, programmed), OF_LISTENER_SETS)
                .with(listeners(one.programmed(), programmed)));
  }

  /**
   * The status of a BackendTLSPolicy: an entry for each front door or waypoint that sends something
   * to its services.
   */
  public Optional<WantedStatus> ofBackendTls(ResourceKey key, String origin) {
    Optional<List<Condition>> invalid =
        errors(origin).map(text -> List.of(Say.no(Say.ACCEPTED, "Invalid", text + ELSE_UNSENT)));
    return Optional.ofNullable(said.backendTls().get(key))
        .map(
            verdict ->
                WantedStatus.ofAncestors(
                    verdict.ancestors().stream()
                        .map(
                            gateway ->
                                new ParentStatus(
                                    reference(gateway.key()),
                                    Controllers.of(gateway),
                                    invalid.orElse(verdict.conditions())))
                        .toList()));
  }

  private static Map<String, Object> reference(ResourceKey gateway) {
    return Map.of(
        "group",
        "gateway.networking.k8s.io",
        "kind",
        gateway.kind(),
        "namespace",
        gateway.namespace(),
        "name",
        gateway.name());
  }

  private static List<Condition> conditions(GatewayVerdict gateway, Optional<String> partly) {
    return Stream.concat(partly(partly).stream(), gateway.conditions().stream()).toList();
  }

  private static List<Condition> partly(Optional<String> why) {
    return why.map(text -> Say.yes(Say.PARTIALLY_INVALID, "UnsupportedValue", text)).stream()
        .toList();
  }

  /**
   * The status of a Service or ServiceEntry: whether it is bound to the waypoint that it uses.
   *
   * @param others types of conditions that somebody else writes there
   */
  public Optional<WantedStatus> ofService(ResourceKey key, Set<String> others) {
    if (others.contains(Bound.TYPE)) {
      return Optional.empty();
    }
    List<Condition> bound = Optional.ofNullable(said.bindings().get(key)).stream().toList();
    return Optional.of(WantedStatus.of(bound, OF_SERVICES));
  }

  /** What it said before its error is what is attached, and what its error says is not. */
  private static ParentStatus parent(
      Attachment one, Map<String, Object> ref, Optional<String> errors) {
    List<Condition> conditions = errors.map(Statuses::invalid).orElse(one.conditions());
    return new ParentStatus(ref, one.controller(), conditions);
  }

  /**
   * Of a route that was never read only its parents are known, and of them those of our classes.
   */
  private List<ParentStatus> unread(
      ResourceKey route, List<Map<String, Object>> parents, String text) {
    List<ParentStatus> all = new ArrayList<>();
    for (Map<String, Object> ref : parents) {
      String kind = String.valueOf(ref.getOrDefault("kind", "Gateway"));
      ResourceKey to =
          new ResourceKey(
              kind,
              String.valueOf(ref.getOrDefault("namespace", route.namespace())),
              String.valueOf(ref.get("name")));
      Optional<String> controller =
          kind.equals("Service")
              ? Optional.of(Controllers.MESH)
              : Optional.ofNullable(said.gateways().get(gatewayOf(to).orElse(to)))
                  .map(GatewayVerdict::controller);
      controller.ifPresent(one -> all.add(new ParentStatus(ref, one, invalid(text))));
    }
    return all;
  }

  private static List<Condition> invalid(String text) {
    return List.of(Say.no(Say.ACCEPTED, "UnsupportedValue", text));
  }

  /** What of an object has no effect; empty when all of it has. */
  private Optional<String> notices(String origin) {
    return said.notices().getOrDefault(origin, List.of()).stream()
        .limit(MOST_ERRORS)
        .map(ResourceNotice::text)
        .reduce("%s. %s"::formatted);
  }

  /** What is wrong with an object; empty when nothing is. */
  private Optional<String> errors(String origin) {
    List<ResourceError> errors = said.errors().getOrDefault(origin, List.of());
    return errors.isEmpty()
        ? Optional.empty()
        : Optional.of(text(errors) + ". What it said before stays in force, if that is known");
  }

  /** Errors as one text. */
  public static String text(List<ResourceError> errors) {
    String first =
        errors.stream()
            .limit(MOST_ERRORS)
            .map(error -> "%s: %s; %s".formatted(error.field(), error.problem(), error.remedy()))
            .collect(Collectors.joining(". "));
    int more = errors.size() - MOST_ERRORS;
    return more > 0 ? "%s; %d more".formatted(first, more) : first;
  }
}
