// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import dev.culvert.cli.lab.LabPod;

/** The YAML of the mesh under test. */
final class Manifests {
  private static final String CAPTURED = "culvert.dev/dataplane-mode: \"ambient\"";
  private static final String OUTSIDE = "culvert.dev/dataplane-mode: \"none\"";

  private Manifests() {}

  static String mesh() {
    return """
    apiVersion: v1
    kind: Namespace
    metadata: {name: %s}
    ---
    apiVersion: v1
    kind: Node
    metadata:
      name: %s
      labels: {topology.kubernetes.io/region: north, topology.kubernetes.io/zone: north-a}
    ---
    apiVersion: v1
    kind: Node
    metadata:
      name: %s
      labels: {topology.kubernetes.io/region: north, topology.kubernetes.io/zone: north-b}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: %s}
    spec:
      clusterIP: %s
      selector: {app: server}
      ports:
      - {name: tcp, port: 80, targetPort: %d, protocol: TCP}
    """
        .formatted(
            Mesh.NAMESPACE,
            Mesh.NODE_1,
            Mesh.NODE_2,
            Mesh.SERVICE,
            Mesh.NAMESPACE,
            Mesh.SERVICE_ADDRESS,
            Mesh.SERVICE_TARGET_PORT);
  }

  static String pod(LabPod pod, boolean captured) {
    return captured ? pod.yaml().replace(OUTSIDE, CAPTURED) : pod.yaml().replace(CAPTURED, OUTSIDE);
  }

  static String withoutV4(LabPod pod) {
    return without(pod.ip4(), pod.yaml());
  }

  /** The pod does not have that address. */
  static String without(String ip, String yaml) {
    return yaml.replaceFirst(" *- ip: \"?%s\"?\n".formatted(ip), "");
  }
}
