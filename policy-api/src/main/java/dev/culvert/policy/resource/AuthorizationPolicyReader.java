// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.AuthorizationPolicy.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads and checks AuthorizationPolicy. */
final class AuthorizationPolicyReader {
  private AuthorizationPolicyReader() {}

  static AuthorizationPolicy read(ObjectMeta metadata, ObjectReader object) {
    object.know("status");
    ObjectReader spec = object.object("spec");
    Map<String, String> selector = spec.object("selector").textMap("matchLabels");
    List<TargetRef> targets = targets(spec, metadata.namespace());
    if (!selector.isEmpty() && !targets.isEmpty()) {
      spec.error("selector", "it cannot stand beside targetRefs", "remove one of them");
    }
    Action action = spec.choice("action", Action.class).orElse(Action.ALLOW);
    RuleReader rules = new RuleReader(metadata.namespace());
    return new AuthorizationPolicy(
        metadata,
        selector,
        targets,
        action,
        provider(spec, action),
        spec.objects("rules").stream().map(rules::read).toList());
  }

  private static Optional<String> provider(ObjectReader spec, Action action) {
    ObjectReader provider = spec.object("provider");
    Optional<String> name = provider.parsed("name", Literals::some);
    if (action == Action.CUSTOM && name.isEmpty()) {
      spec.error("provider", "action CUSTOM needs one", "add provider.name");
    }
    if (action != Action.CUSTOM && spec.has("provider")) {
      spec.error(
          "provider", "action %s has none".formatted(action), "remove it or use action CUSTOM");
    }
    return name;
  }

  private static List<TargetRef> targets(ObjectReader spec, String namespace) {
    List<TargetRef> targets = new ArrayList<>();
    spec.objects("targetRefs").forEach(ref -> targets.add(target(ref, namespace)));
    if (spec.has("targetRef")) {
      targets.add(target(spec.object("targetRef"), namespace));
    }
    return targets;
  }

  private static TargetRef target(ObjectReader ref, String namespace) {
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
