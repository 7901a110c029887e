// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import dev.culvert.policy.authz.Verdict;
import java.util.Optional;

/**
 * How a connection ended.
 *
 * @param error the cause for the operator; empty after a clean end
 */
public record Outcome(ResponseFlag flag, Optional<String> error) {
  private static final Outcome CLEAN = new Outcome(ResponseFlag.NONE, Optional.empty());

  /** The connection ended as its two ends wanted. */
  public static Outcome clean() {
    return CLEAN;
  }

  /** Something failed. */
  public static Outcome failed(ResponseFlag flag, String error) {
    return new Outcome(flag, Optional.of(error));
  }

  /** Policy denies it. */
  public static Outcome denied(Verdict.Deny deny) {
    String policy = deny.policy().map(key -> " (" + key + ")").orElse("");
    return failed(ResponseFlag.DENY, "denied: %s%s".formatted(deny.reason(), policy));
  }
}
