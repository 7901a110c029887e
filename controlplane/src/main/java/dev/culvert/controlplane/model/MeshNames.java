// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.spiffe.TrustDomain;
import java.util.List;

/**
 * What this mesh is called.
 *
 * @param cluster the first part of a workload's uid
 * @param network tells apart networks whose addresses overlap; empty for the only one
 * @param clusterDomain ends the host names of services
 * @param rootNamespaces policies in them are for the whole mesh; at least one
 */
public record MeshNames(
    TrustDomain trustDomain,
    String cluster,
    String network,
    String clusterDomain,
    List<String> rootNamespaces) {

  /** Between the cluster and the name in the uid of a pod. */
  static final String POD_KIND = "//Pod/";

  private static final String STANDARD_DOMAIN = "cluster.local";

  public MeshNames {
    rootNamespaces = List.copyOf(rootNamespaces);
  }

  /** As it is on the wire, where empty means the standard one. */
  String wireTrustDomain() {
    return trustDomain.name().equals(STANDARD_DOMAIN) ? "" : trustDomain.name();
  }

  /** The host name of a service. */
  public String hostname(String namespace, String service) {
    return service + "." + namespace + ".svc." + clusterDomain;
  }

  /** How services are named on the wire. */
  String serviceKey(String namespace, String service) {
    return namespace + "/" + hostname(namespace, service);
  }

  /** How a pod is named on the wire. */
  String podUid(String namespace, String pod) {
    return cluster + POD_KIND + namespace + "/" + pod;
  }

  /** How an address is named on the wire. */
  String addressKey(String address) {
    return network + "/" + address;
  }
}
