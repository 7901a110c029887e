// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.authz;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.xds.Workload;
import java.util.Optional;

/** Judges connections to the node's pods. On event loops; never waits. */
public interface Authorizer {

  /** Whether the connection may go to the workload, by the policies received until now. */
  Verdict decide(Workload destination, ConnectionFacts facts);

  /**
   * What the verdict would be if policies in dry-run were in force.
   *
   * @param actual the verdict without them
   * @return empty when none applies
   */
  Optional<Verdict> whatIf(Verdict actual, Workload destination, ConnectionFacts facts);
}
