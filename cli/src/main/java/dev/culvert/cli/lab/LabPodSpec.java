// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.util.Map;

/**
 * What a pod is.
 *
 * @param namespace its Kubernetes namespace
 * @param name unique in the lab
 * @param serviceAccount who its identity says it is
 * @param labels as services select it; {@code culvert.dev/dataplane-mode: none} keeps it out
 */
public record LabPodSpec(
    String namespace, String name, String serviceAccount, Map<String, String> labels) {

  public LabPodSpec {
    labels = Map.copyOf(labels);
  }
}
