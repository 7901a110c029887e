// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.xds.Workload;
import java.util.Optional;

/**
 * One end of a request, as Istio's metrics name it; what is not known is {@code unknown}.
 *
 * @param workload the owner, for example the Deployment
 * @param principal the SPIFFE identity
 */
public record Party(
    String workload,
    String canonicalService,
    String canonicalRevision,
    String namespace,
    String principal,
    String cluster) {
  private static final String NOT_KNOWN = "unknown";

  /** Of which nothing is known. */
  public static final Party UNKNOWN =
      new Party(NOT_KNOWN, NOT_KNOWN, NOT_KNOWN, NOT_KNOWN, NOT_KNOWN, NOT_KNOWN);

  /** Stands for all beyond a limit. */
  public static final Party OVERFLOW =
      new Party("overflow", "overflow", "overflow", "overflow", "overflow", "overflow");

  /** One of whom only the identity is known. */
  public static Party of(SpiffeId identity) {
    return new Party(
        NOT_KNOWN,
        NOT_KNOWN,
        NOT_KNOWN,
        identity.namespace().orElse(NOT_KNOWN),
        identity.toString(),
        NOT_KNOWN);
  }

  /** A workload that proved this identity. */
  public static Party of(Workload workload, Optional<SpiffeId> identity) {
    Workload.Attribution told = workload.attribution();
    return new Party(
        known(told.workloadName()),
        known(told.canonicalName()),
        known(told.canonicalRevision()),
        known(workload.namespace()),
        identity.map(SpiffeId::toString).orElse(NOT_KNOWN),
        known(told.clusterId()));
  }

  private static String known(String text) {
    return text.isEmpty() ? NOT_KNOWN : text;
  }
}
