// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.authz;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.authz.DryRunResult;
import dev.culvert.policy.authz.PolicyIndex;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Workload;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Judges by the policies of the mesh; what those in dry-run would say is only logged. */
public final class PolicyAuthorizer implements Authorizer {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyAuthorizer.class);

  private final MeshState mesh;

  /** Judges by what {@code mesh} knows at the moment of each decision. */
  public PolicyAuthorizer(MeshState mesh) {
    this.mesh = mesh;
  }

  @Override
  public Verdict decide(Workload destination, ConnectionFacts facts) {
    PolicyIndex policies = mesh.policies();
    if (LOG.isDebugEnabled()) {
      policies
          .dryRun(destination.namespace(), destination.policies(), facts)
          .forEach(result -> report(result, facts));
    }
    return policies.decide(destination.namespace(), destination.policies(), facts);
  }

  private static void report(DryRunResult result, ConnectionFacts facts) {
    LOG.debug(
        "dry run of {} policy {}: {} {}",
        result.action(),
        result.policy(),
        result.matched() ? "matches" : "does not match",
        facts);
  }
}
