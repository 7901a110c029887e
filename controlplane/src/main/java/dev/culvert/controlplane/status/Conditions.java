// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.status;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Lists of conditions as JSON.
 *
 * @param generation the {@code metadata.generation} that they are about, if the object has one
 * @param now when what changes changes
 */
record Conditions(Optional<Long> generation, Instant now) {

  /**
   * The list with ours in it: in the place where they stood, else behind all others'.
   *
   * @param own the types that are ours: those that are not wanted any more go
   */
  List<Object> edit(List<?> before, List<Condition> wanted, Set<String> own) {
    Map<String, Condition> left =
        wanted.stream()
            .collect(
                Collectors.toMap(
                    Condition::type, Function.identity(), (one, _) -> one, LinkedHashMap::new));
    List<Object> after = new ArrayList<>();
    for (Object known : before) {
      String type = type(known);
      Condition ours = left.remove(type);
      if (ours != null) {
        after.add(json(ours, known));
      } else if (!own.contains(type)) {
        after.add(known);
      }
    }
    left.values().forEach(ours -> after.add(json(ours, Map.of())));
    return after;
  }

  /** The time is that of the last change of what holds, not of why. */
  private Map<String, Object> json(Condition wanted, Object before) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("type", wanted.type());
    json.put("status", wanted.status());
    json.put("reason", wanted.reason());
    json.put("message", wanted.message());
    json.put("lastTransitionTime", since(wanted, before));
    generation.ifPresent(number -> json.put("observedGeneration", number));
    return json;
  }

  private Object since(Condition wanted, Object before) {
    return before instanceof Map<?, ?> map
            && wanted.status().equals(map.get("status"))
            && map.get("lastTransitionTime") != null
        ? map.get("lastTransitionTime")
        : now.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String type(Object condition) {
    return condition instanceof Map<?, ?> map ? String.valueOf(map.get("type")) : "";
  }
}
