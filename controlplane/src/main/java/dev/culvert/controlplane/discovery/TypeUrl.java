// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

/** The resource types that proxies subscribe to. */
public final class TypeUrl {
  /** Workloads and services: {@code istio.workload.Address}. */
  public static final String ADDRESS = "type.googleapis.com/istio.workload.Address";

  /** L4 policies: {@code istio.security.Authorization}. */
  public static final String AUTHORIZATION = "type.googleapis.com/istio.security.Authorization";

  private TypeUrl() {}
}
