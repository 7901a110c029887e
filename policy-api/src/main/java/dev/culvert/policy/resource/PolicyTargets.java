// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a policy says that it is for.
 *
 * @param selector labels; empty for none
 * @param refs empty for none
 */
record PolicyTargets(Map<String, String> selector, List<TargetRef> refs) {

  static PolicyTargets read(ObjectReader spec, String namespace) {
    Map<String, String> selector = spec.object("selector").textMap("matchLabels");
    List<TargetRef> refs = refs(spec, namespace);
    if (!selector.isEmpty() && !refs.isEmpty()) {
      spec.error("selector", "it cannot stand beside targetRefs", "remove one of them");
    }
    return new PolicyTargets(selector, refs);
  }

  private static List<TargetRef> refs(ObjectReader spec, String namespace) {
    List<TargetRef> targets = new ArrayList<>();
    spec.objects("targetRefs").forEach(ref -> targets.add(target(ref, namespace)));
    if (spec.has("targetRef")) {
      targets.add(target(spec.object("targetRef"), namespace));
    }
    return targets;
  }

  static TargetRef target(ObjectReader ref, String namespace) {
    for (String name : List.of("kind", "name")) {
      if (!ref.has(name)) {
        ref.error(name, "it is missing", "name the kind and the resource of the target");
      }
    }
    if (!ref.text("namespace", namespace).equals(namespace)) {
      ref.error("namespace", "a policy applies to its own namespace only", "remove it");
    }
    return new TargetRef(ref.text("group", ""), ref.text("kind", ""), ref.text("name", ""));
  }
}
