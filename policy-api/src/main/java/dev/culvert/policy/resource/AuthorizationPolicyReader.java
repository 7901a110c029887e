// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.AuthorizationPolicy.Action;
import java.util.Optional;

/** Reads and checks AuthorizationPolicy. */
final class AuthorizationPolicyReader {
  private AuthorizationPolicyReader() {}

  static AuthorizationPolicy read(ObjectMeta metadata, ObjectReader object) {
    object.know("status");
    ObjectReader spec = object.object("spec");
    PolicyTargets targets = PolicyTargets.read(spec, metadata.namespace());
    Action action = spec.choice("action", Action.class).orElse(Action.ALLOW);
    RuleReader rules = new RuleReader(metadata.namespace());
    return new AuthorizationPolicy(
        metadata,
        targets.selector(),
        targets.refs(),
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
}
