// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import dev.culvert.cli.install.EnrolledNamespaces;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether NetworkPolicies of namespaces in the mesh let its tunnels through: what was sent to port
 * 80 of a pod arrives at 15008 of it.
 */
final class NetworkPolicyCheck implements Check {
  private static final int HBONE = 15008;

  private final KubernetesClient client;
  private final EnrolledNamespaces enrolled;

  NetworkPolicyCheck(KubernetesClient client, EnrolledNamespaces enrolled) {
    this.client = client;
    this.enrolled = enrolled;
  }

  @Override
  public String name() {
    return "NetworkPolicies";
  }

  @Override
  public List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    List<String> namespaces = enrolled.names();
    for (String namespace : namespaces) {
      for (NetworkPolicy policy :
          client.network().v1().networkPolicies().inNamespace(namespace).list().getItems()) {
        findings.addAll(of(policy));
      }
    }
    if (findings.isEmpty()) {
      findings.add(
          Finding.ok(
              "NetworkPolicies of %d namespaces in the mesh let its port %d through"
                  .formatted(namespaces.size(), HBONE)));
    }
    return findings;
  }

  static List<Finding> of(NetworkPolicy policy) {
    NetworkPolicySpec spec = policy.getSpec();
    List<Finding> findings = new ArrayList<>();
    boolean ingress = spec.getPolicyTypes().isEmpty() || spec.getPolicyTypes().contains("Ingress");
    if (ingress && spec.getIngress().stream().noneMatch(rule -> allows(rule.getPorts()))) {
      findings.add(closed(policy, "to", "ingress"));
    }
    boolean egress = spec.getPolicyTypes().contains("Egress");
    if (egress && spec.getEgress().stream().noneMatch(rule -> allows(rule.getPorts()))) {
      findings.add(closed(policy, "from", "egress"));
    }
    return findings;
  }

  private static Finding closed(NetworkPolicy policy, String direction, String rule) {
    return Finding.warning(
        "NetworkPolicy %s/%s does not let connections %s its pods through on port %d"
            .formatted(
                policy.getMetadata().getNamespace(),
                policy.getMetadata().getName(),
                direction,
                HBONE),
        "add the port to its %s rules, for the peers that it means; an AuthorizationPolicy says who may reach which port"
            .formatted(rule));
  }

  /** A rule without ports is for all of them. */
  private static boolean allows(List<NetworkPolicyPort> ports) {
    return ports.isEmpty() || ports.stream().anyMatch(NetworkPolicyCheck::isHbone);
  }

  private static boolean isHbone(NetworkPolicyPort port) {
    if ("UDP".equals(port.getProtocol()) || "SCTP".equals(port.getProtocol())) {
      return false;
    }
    if (port.getPort() == null) {
      return true;
    }
    Integer number = port.getPort().getIntVal();
    int last = port.getEndPort() == null ? -1 : port.getEndPort();
    return number != null && (number == HBONE || (number < HBONE && HBONE <= last));
  }
}
