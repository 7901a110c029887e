// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.authz;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Workload;
import java.util.Optional;

/** Judges by the policies of the mesh. */
public final class PolicyAuthorizer implements Authorizer {
  private final MeshState mesh;

  /** Judges by what {@code mesh} knows at the moment of each decision. */
  public PolicyAuthorizer(MeshState mesh) {
    this.mesh = mesh;
  }

  @Override
  public Verdict decide(Workload destination, ConnectionFacts facts) {
    return mesh.policies().decide(destination.namespace(), destination.policies(), facts);
  }

  @Override
  public Optional<Verdict> whatIf(Verdict actual, Workload destination, ConnectionFacts facts) {
    return mesh.policies().whatIf(actual, destination.namespace(), destination.policies(), facts);
  }
}
