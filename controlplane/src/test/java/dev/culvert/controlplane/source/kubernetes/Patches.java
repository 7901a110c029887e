// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What patches make of an object: merge patches (RFC 7386), and of RFC 6902 what is sent here. */
final class Patches {
  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  private Patches() {}

  static Optional<GenericKubernetesResource> merged(GenericKubernetesResource known, String patch) {
    return Optional.of(object(merge(map(known), JSON.unmarshal(patch, Map.class))));
  }

  /** Empty when a test of the patch does not hold. */
  static Optional<GenericKubernetesResource> edited(GenericKubernetesResource known, String patch) {
    Map<String, Object> fields = map(known);
    for (Object one : JSON.unmarshal(patch, List.class)) {
      Map<?, ?> step = (Map<?, ?>) one;
      List<String> path = new ArrayList<>(List.of(((String) step.get("path")).split("/")));
      String last = path.removeLast();
      Object at = fields;
      for (String name : path.subList(1, path.size())) {
        at =
            at instanceof List<?> list
                ? list.get(Integer.parseInt(name))
                : ((Map<?, ?>) at).get(name);
      }
      @SuppressWarnings("unchecked")
      Map<String, Object> target = (Map<String, Object>) at;
      switch ((String) step.get("op")) {
        case "test" -> {
          if (!step.get("value").equals(target.get(last))) {
            return Optional.empty();
          }
        }
        case "add", "replace" -> target.put(last, step.get("value"));
        default -> throw new IllegalArgumentException(patch);
      }
    }
    return Optional.of(object(fields));
  }

  private static Map<String, Object> merge(Map<?, ?> target, Map<?, ?> patch) {
    Map<String, Object> merged = new LinkedHashMap<>();
    target.forEach((name, value) -> merged.put((String) name, value));
    patch.forEach(
        (name, value) -> {
          if (value == null) {
            merged.remove(name);
          } else if (value instanceof Map<?, ?> more) {
            Map<?, ?> before = merged.get(name) instanceof Map<?, ?> map ? map : Map.of();
            merged.put((String) name, merge(before, more));
          } else {
            merged.put((String) name, value);
          }
        });
    return merged;
  }

  @SuppressWarnings("unchecked") // an object is one of JSON
  static Map<String, Object> map(GenericKubernetesResource object) {
    return JSON.unmarshal(JSON.asJson(object), Map.class);
  }

  static GenericKubernetesResource object(Map<String, Object> fields) {
    return JSON.unmarshal(JSON.asJson(fields), GenericKubernetesResource.class);
  }
}
