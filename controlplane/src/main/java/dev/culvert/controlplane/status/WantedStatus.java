// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.status;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the status of an object is to say, as far as it is ours to say it.
 *
 * @param own the types of conditions that are ours: one that is not in {@code conditions} goes
 * @param parents of a route; empty for what has none
 * @param ancestors of a policy; empty for what has none
 * @param listeners of a Gateway or ListenerSet; empty for what has none
 * @param fields others that are ours wholly, by name
 */
public record WantedStatus(
    List<Condition> conditions,
    Set<String> own,
    Optional<List<ParentStatus>> parents,
    Optional<List<ParentStatus>> ancestors,
    Optional<List<ListenerStatus>> listeners,
    Map<String, Object> fields) {

  /** What every controller of ours is named by: entries of others begin otherwise. */
  private static final String CONTROLLERS = "culvert.dev/";

  /** Types of conditions that we write into listeners and parents: of others none is touched. */
  private static final Set<String> OURS =
      Set.of(
          "Accepted",
          "ResolvedRefs",
          "PartiallyInvalid",
          "WaypointBound",
          "Conflicted",
          "Programmed",
          "OverlappingTLSConfig");

  private static final String GATEWAY_API = "gateway.networking.k8s.io";

  /** What the Gateway API takes. */
  private static final int MOST_PARENTS = 32;

  private static final int MOST_ANCESTORS = 16;

  public WantedStatus {
    conditions = List.copyOf(conditions);
    own = Set.copyOf(own);
    fields = Map.copyOf(fields);
  }

  /** Conditions and nothing else. */
  public static WantedStatus of(List<Condition> conditions, Set<String> own) {
    return new WantedStatus(
        conditions, own, Optional.empty(), Optional.empty(), Optional.empty(), Map.of());
  }

  /** Entries of a route's parents and nothing else. */
  public static WantedStatus ofParents(List<ParentStatus> parents) {
    return new WantedStatus(
        List.of(), Set.of(), Optional.of(parents), Optional.empty(), Optional.empty(), Map.of());
  }

  /** Entries of a policy's ancestors and nothing else. */
  public static WantedStatus ofAncestors(List<ParentStatus> ancestors) {
    return new WantedStatus(
        List.of(), Set.of(), Optional.empty(), Optional.of(ancestors), Optional.empty(), Map.of());
  }

  /** The same with the listeners of a Gateway. */
  public WantedStatus with(List<ListenerStatus> added) {
    return new WantedStatus(conditions, own, parents, ancestors, Optional.of(added), fields);
  }

  /** The same with a field that is ours. */
  public WantedStatus with(String name, Object value) {
    Map<String, Object> more = new HashMap<>(fields);
    more.put(name, value);
    return new WantedStatus(conditions, own, parents, ancestors, listeners, more);
  }

  /** All that it says, wherever it stands. */
  public List<Condition> said() {
    Stream<Condition> ofParents =
        Stream.concat(parents.stream(), ancestors.stream())
            .flatMap(List::stream)
            .flatMap(one -> one.conditions().stream());
    Stream<Condition> ofListeners =
        listeners.stream().flatMap(List::stream).flatMap(one -> one.conditions().stream());
    return Stream.of(conditions.stream(), ofParents, ofListeners).flatMap(each -> each).toList();
  }

  /**
   * The fields of the status that are not yet as they are to be, whole: with what others say in
   * them. Empty when nothing is to be written.
   *
   * @param before the status as it is
   */
  Map<String, Object> edit(Map<?, ?> before, Optional<Long> generation, Instant now) {
    Conditions edits = new Conditions(generation, now);
    Map<String, Object> after = new LinkedHashMap<>(fields);
    after.put("conditions", edits.edit(Json.list(before.get("conditions")), conditions, own));
    parents.ifPresent(
        wanted ->
            after.put(
                "parents",
                entries(
                    Json.list(before.get("parents")), wanted, "parentRef", MOST_PARENTS, edits)));
    ancestors.ifPresent(
        wanted ->
            after.put(
                "ancestors",
                entries(
                    Json.list(before.get("ancestors")),
                    wanted,
                    "ancestorRef",
                    MOST_ANCESTORS,
                    edits)));
    listeners.ifPresent(
        wanted ->
            after.put("listeners", listeners(Json.list(before.get("listeners")), wanted, edits)));
    after.entrySet().removeIf(one -> says(before.get(one.getKey()), one.getValue()));
    return after;
  }

  /** What is not there is as good as an empty list, or none of something that is counted. */
  private static boolean says(Object before, Object after) {
    if (before != null) {
      return Json.same(after, before);
    }
    return Json.same(after, List.of()) || Json.same(after, 0);
  }

  /** Others' entries stay where they are. */
  private static List<Object> entries(
      List<?> before, List<ParentStatus> wanted, String ref, int most, Conditions edits) {
    List<ParentStatus> left = new ArrayList<>(wanted);
    List<Object> after = new ArrayList<>();
    for (Object known : before) {
      Optional<ParentStatus> ours = left.stream().filter(one -> one.isOf(known, ref)).findFirst();
      if (ours.isPresent()) {
        left.remove(ours.get());
        after.add(json(ours.get(), ref, known, edits));
      } else if (!isOurs(known)) {
        after.add(known);
      }
    }
    left.forEach(ours -> after.add(json(ours, ref, Map.of(), edits)));
    return after.subList(0, Math.min(after.size(), most));
  }

  private static boolean isOurs(Object entry) {
    return entry instanceof Map<?, ?> map
        && String.valueOf(map.get("controllerName")).startsWith(CONTROLLERS);
  }

  private static Map<String, Object> json(
      ParentStatus wanted, String ref, Object before, Conditions edits) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put(ref, wanted.parentRef());
    json.put("controllerName", wanted.controller());
    json.put("conditions", edits.edit(conditions(before), wanted.conditions(), OURS));
    return json;
  }

  private static List<Object> listeners(
      List<?> before, List<ListenerStatus> wanted, Conditions edits) {
    List<Object> after = new ArrayList<>();
    for (ListenerStatus one : wanted) {
      Object known =
          before.stream()
              .filter(it -> it instanceof Map<?, ?> map && one.name().equals(map.get("name")))
              .map(Object.class::cast)
              .findFirst()
              .orElse(Map.of());
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("name", one.name());
      json.put(
          "supportedKinds",
          one.kinds().stream().map(kind -> Map.of("group", GATEWAY_API, "kind", kind)).toList());
      json.put("attachedRoutes", one.attached());
      json.put("conditions", edits.edit(conditions(known), one.conditions(), OURS));
      after.add(json);
    }
    return after;
  }

  private static List<?> conditions(Object entry) {
    return entry instanceof Map<?, ?> map ? Json.list(map.get("conditions")) : List.of();
  }
}
