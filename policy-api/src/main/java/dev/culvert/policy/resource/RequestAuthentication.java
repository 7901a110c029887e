// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.Map;

/**
 * Whose tokens requests may carry, in the shape and meaning of Istio's. A request without a token
 * is none of its business: an AuthorizationPolicy asks for one.
 *
 * @param selector labels of what it applies to; empty without
 * @param targetRefs what it applies to; empty without
 */
public record RequestAuthentication(
    ObjectMeta metadata,
    Map<String, String> selector,
    List<TargetRef> targetRefs,
    List<JwtRule> jwtRules)
    implements Resource {

  public RequestAuthentication {
    selector = Map.copyOf(selector);
    targetRefs = List.copyOf(targetRefs);
    jwtRules = List.copyOf(jwtRules);
  }

  @Override
  public String kind() {
    return "RequestAuthentication";
  }
}
