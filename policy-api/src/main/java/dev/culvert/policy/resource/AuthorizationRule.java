// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;

/**
 * One rule: a source, an operation and every condition must match.
 *
 * @param from one is enough; none means any source
 * @param to one is enough; none means any operation
 * @param when all are needed
 */
public record AuthorizationRule(List<Source> from, List<Operation> to, List<When> when) {
  public AuthorizationRule {
    from = List.copyOf(from);
    to = List.copyOf(to);
    when = List.copyOf(when);
  }
}
