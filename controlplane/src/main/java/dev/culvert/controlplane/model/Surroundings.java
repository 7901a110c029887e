// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.ServiceEntryResource;
import java.net.InetAddress;
import java.util.Optional;

/**
 * What the translation of a namespace looks at beyond it. Whatever is added here needs its part in
 * {@link Reach}: who looks must be translated anew when what is seen changes.
 */
interface Surroundings {
  /** A namespace; one that nobody wrote down has no labels. */
  NamespaceResource namespace(String name);

  /** The label of a node, empty when the node or the label is not there. */
  String nodeLabel(String node, String label);

  /** The Gateways that are waypoints. */
  WaypointGateways waypoints();

  /** The Gateways that lead into other networks. */
  NetworkGateways networks();

  /** The pod, as {@code NAMESPACE/NAME}, that has an address of the own network for itself. */
  Optional<String> podAt(InetAddress ip);

  /** Whether a Service is reached by this name. */
  boolean isServiceHost(String host);

  /** Whether, of the service entries that name a host, this is the one that counts. */
  boolean isCanonical(String host, ServiceEntryResource entry);
}
