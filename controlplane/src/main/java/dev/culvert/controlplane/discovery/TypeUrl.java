// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import java.util.Set;

/** The resource types that proxies subscribe to. */
public final class TypeUrl {
  /** Workloads and services: {@code istio.workload.Address}. */
  public static final String ADDRESS = "type.googleapis.com/istio.workload.Address";

  /** L4 policies: {@code istio.security.Authorization}. */
  public static final String AUTHORIZATION = "type.googleapis.com/istio.security.Authorization";

  /** Routes and policies of requests, for waypoints: {@code culvert.waypoint.Document}. */
  public static final String DOCUMENT = "type.googleapis.com/culvert.waypoint.Document";

  /** All of them. */
  static final Set<String> SERVED = Set.of(ADDRESS, AUTHORIZATION, DOCUMENT);

  private TypeUrl() {}
}
