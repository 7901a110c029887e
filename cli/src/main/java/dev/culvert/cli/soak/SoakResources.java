// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.lab.LabPod;
import java.util.List;
import java.util.Map;

/** The YAML of the soak's mesh. */
final class SoakResources {
  static final String NAMESPACE = "soak";

  /** Never changed: no failure of it is ever explained. */
  static final String STEADY = "steady";

  /** Its pods come and go. */
  static final String CHURN = "churn";

  /** Policy edits close and open it. */
  static final String GUARDED = "guarded";

  /** Policy refuses all. */
  static final String VAULT = "vault";

  static final List<String> SERVICES = List.of(STEADY, CHURN, GUARDED);
  static final Map<String, String> VIP4 =
      Map.of(STEADY, "198.19.0.10", CHURN, "198.19.0.20", GUARDED, "198.19.0.30");
  static final Map<String, String> VIP6 =
      Map.of(STEADY, "fd00:c01:ffff::10", CHURN, "fd00:c01:ffff::20", GUARDED, "fd00:c01:ffff::30");

  private static final String NOT_READY =
      """
        conditions:
          - type: Ready
            status: "False"
      """;

  private SoakResources() {}

  static String mesh() {
    return """
    apiVersion: v1
    kind: Namespace
    metadata:
      name: soak
      labels:
        culvert.dev/dataplane-mode: ambient
    ---
    apiVersion: v1
    kind: Node
    metadata: {name: node1}
    ---
    apiVersion: v1
    kind: Node
    metadata: {name: node2}
    ---
    """
        + String.join("", SERVICES.stream().map(SoakResources::service).toList())
        + refusing(VAULT);
  }

  static String policyName(String app) {
    return "nobody-to-" + app;
  }

  /** Nobody may connect to the app. */
  static String refusing(String app) {
    return """
    apiVersion: policy.culvert.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata:
      name: %s
      namespace: soak
    spec:
      selector:
        matchLabels:
          app: %s
      action: ALLOW
      rules:
        - from:
            - source:
                principals: ["cluster.local/ns/soak/sa/nobody"]
    """
        .formatted(policyName(app), app);
  }

  /** A pod whose network is being made. */
  static String starting(LabPod pod) {
    return pod.yaml() + NOT_READY;
  }

  /** A pod that is being deleted. */
  static String terminating(LabPod pod) {
    return pod.yaml()
        .replaceFirst("metadata:\n", "metadata:\n  deletionTimestamp: \"2026-01-01T00:00:00Z\"\n");
  }

  private static String service(String app) {
    return """
    apiVersion: v1
    kind: Service
    metadata:
      name: %s
      namespace: soak
    spec:
      clusterIP: %s
      clusterIPs: ["%s", "%s"]
      selector:
        app: %s
      ports:
        - name: echo
          port: %d
          targetPort: %d
    ---
    """
        .formatted(
            app, VIP4.get(app), VIP4.get(app), VIP6.get(app), app, SoakApps.PORT, SoakApps.PORT);
  }
}
