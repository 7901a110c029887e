// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.istio;

import dev.culvert.cli.lab.LabNode;
import java.util.Map;

/** Whose DaemonSet runs ztunnel. */
public enum Chart {
  /** Istio's (manifests/charts/ztunnel). */
  ISTIO("/run/ztunnel") {
    @Override
    Map<String, String> variables(LabNode node) {
      return Map.ofEntries(
          Map.entry("CA_ADDRESS", "istiod.istio-system.svc:15012"),
          Map.entry("XDS_ADDRESS", "istiod.istio-system.svc:15012"),
          Map.entry("RUST_LOG", "info"),
          Map.entry("RUST_BACKTRACE", "1"),
          Map.entry("ISTIO_META_CLUSTER_ID", "Kubernetes"),
          Map.entry("INPOD_ENABLED", "true"),
          Map.entry("TERMINATION_GRACE_PERIOD_SECONDS", "30"),
          Map.entry("POD_NAME", "ztunnel-" + node.name()),
          Map.entry("POD_NAMESPACE", "istio-system"),
          Map.entry("NODE_NAME", node.name()),
          Map.entry("INSTANCE_IP", node.ip4()),
          Map.entry("SERVICE_ACCOUNT", "ztunnel"),
          Map.entry("ZTUNNEL_CPU_LIMIT", "2"));
    }
  },

  /** Cilium's (install/kubernetes/cilium/templates/ztunnel), but its secret is at another place. */
  CILIUM("/run/cilium") {
    @Override
    Map<String, String> variables(LabNode node) {
      return Map.of(
          "XDS_ADDRESS", "https://localhost:" + FakeCilium.PORT,
          "XDS_ROOT_CA", "/run/secrets/ztunnel/bootstrap-root.crt",
          "CA_ADDRESS", "https://localhost:" + FakeCilium.PORT,
          "CA_ROOT_CA", "/run/secrets/ztunnel/bootstrap-root.crt",
          "ISTIO_META_DNS_CAPTURE", "false",
          "INPOD_UDS", "/var/run/cilium/ztunnel.sock",
          "NODE_NAME", node.ip4(),
          "INSTANCE_IP", node.ip4(),
          "ISTIO_META_ENABLE_HBONE", "true");
    }
  };

  private final String sockets;

  Chart(String sockets) {
    this.sockets = sockets;
  }

  /** Where the agent's sockets are mounted. */
  String sockets() {
    return sockets;
  }

  /** What the container is told. */
  abstract Map<String, String> variables(LabNode node);
}
