// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may do what, in the shape and meaning of Istio's.
 *
 * @param selector labels of the workloads it applies to; empty for all of its namespace
 * @param targetRefs the gateways or services it is attached to; then proxies of pods ignore it
 * @param provider who decides, for CUSTOM
 * @param rules one that matches is enough; none never matches
 */
public record AuthorizationPolicy(
    ObjectMeta metadata,
    Map<String, String> selector,
    List<TargetRef> targetRefs,
    Action action,
    Optional<String> provider,
    List<AuthorizationRule> rules)
    implements Resource {

  private static final List<String> DRY_RUN_ANNOTATIONS =
      List.of("culvert.dev/dry-run", "istio.io/dry-run");

  /** What a match leads to. */
  public enum Action {
    /** The request is allowed. */
    ALLOW,
    /** The request is denied. */
    DENY,
    /** The request is noted. */
    AUDIT,
    /** The provider decides. */
    CUSTOM
  }

  public AuthorizationPolicy {
    selector = Map.copyOf(selector);
    targetRefs = List.copyOf(targetRefs);
    rules = List.copyOf(rules);
  }

  @Override
  public String kind() {
    return "AuthorizationPolicy";
  }

  /** Whether it is only reported, never enforced. */
  public boolean dryRun() {
    return DRY_RUN_ANNOTATIONS.stream()
        .anyMatch(key -> metadata.annotation(key).equals(Optional.of("true")));
  }
}
