// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import dev.culvert.cli.install.EnrolledNamespaces;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.util.List;

/** What is looked at on a cluster, in the order in which it is told. */
final class ClusterChecks {
  private ClusterChecks() {}

  static List<Check> of(KubernetesClient client, String namespace) {
    return List.of(
        new ServerCheck(client),
        new NodesCheck(client),
        new ClockCheck(client),
        new KindsCheck(client),
        new NeighboursCheck(client),
        new NetworkPolicyCheck(client, new EnrolledNamespaces(client)),
        new RootCheck(client, namespace, Clock.systemUTC()),
        new PartsCheck(client, namespace));
  }
}
