// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.status;

import dev.culvert.cli.install.EnrolledNamespaces;
import dev.culvert.cli.install.InstalledParts;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A mesh as its API server has it. */
final class ClusterStatus {
  private final KubernetesClient client;
  private final String namespace;

  ClusterStatus(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /** Whether all of it is ready. */
  boolean print(PrintWriter out) {
    List<InstalledParts.Part> parts = new InstalledParts(client, namespace).all();
    if (parts.isEmpty()) {
      out.println("Culvert is not installed in " + namespace);
      return false;
    }
    boolean ready = parts(parts, out);
    ready &= nodes(out);
    ready &= new ConditionReport(client).print(out);
    return ready;
  }

  private static boolean parts(List<InstalledParts.Part> parts, PrintWriter out) {
    Table table = new Table("PART", "READY", "IMAGE");
    boolean ready = true;
    for (InstalledParts.Part part : parts) {
      table.row(part.name(), part.ready() + "/" + part.wanted(), part.image());
      ready &= part.ready() >= part.wanted();
    }
    table.print(out);
    return ready;
  }

  /** Agents and ztunnels by node, and how many pods of enrolled namespaces run there. */
  private boolean nodes(PrintWriter out) {
    Map<String, Integer> pods = enrolledPods();
    Map<String, Pod> agents = byNode("culvert-agent");
    Map<String, Pod> ztunnels = byNode("ztunnel");
    Table table = new Table("NODE", "AGENT", "ZTUNNEL", "PODS");
    boolean ready = true;
    for (String node :
        client.nodes().list().getItems().stream()
            .map(n -> n.getMetadata().getName())
            .sorted()
            .toList()) {
      String agent = word(agents.get(node));
      String ztunnel = word(ztunnels.get(node));
      int count = pods.getOrDefault(node, 0);
      table.row(node, agent, ztunnel, Integer.toString(count));
      ready &= count == 0 || (agent.equals("ready") && ztunnel.equals("ready"));
    }
    table.print(out);
    return ready;
  }

  private static String word(Pod pod) {
    if (pod == null) {
      return "none";
    }
    return isReady(pod) ? "ready" : "not ready";
  }

  private static boolean isReady(Pod pod) {
    return pod.getStatus() != null
        && pod.getStatus().getConditions().stream()
            .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
  }

  /** Of two, as during an upgrade, one that is ready. */
  private Map<String, Pod> byNode(String app) {
    Map<String, Pod> pods = new TreeMap<>();
    for (Pod pod : client.pods().inNamespace(namespace).withLabel("app", app).list().getItems()) {
      String node = pod.getSpec().getNodeName();
      if (node != null) {
        pods.merge(node, pod, (one, other) -> isReady(one) ? one : other);
      }
    }
    return pods;
  }

  private Map<String, Integer> enrolledPods() {
    Map<String, Integer> counts = new TreeMap<>();
    for (String name : new EnrolledNamespaces(client).names()) {
      for (Pod pod : client.pods().inNamespace(name).list().getItems()) {
        boolean host = Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
        if (pod.getSpec().getNodeName() != null && !host) {
          counts.merge(pod.getSpec().getNodeName(), 1, Integer::sum);
        }
      }
    }
    return counts;
  }
}
