// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.HashMap;
import java.util.Map;

/**
 * A workload outside of Kubernetes ({@code networking.istio.io}) that selectors pick as pods.
 *
 * @param healthy whether services may pick it: false while its status says that it is not
 */
public record WorkloadEntryResource(ObjectMeta metadata, WorkloadEntrySpec spec, boolean healthy)
    implements Resource {

  @Override
  public String kind() {
    return "WorkloadEntry";
  }

  /** What selectors look at: the labels of the resource, and over them those of the workload. */
  public Map<String, String> labels() {
    Map<String, String> labels = new HashMap<>(metadata.labels());
    labels.putAll(spec.labels());
    return labels;
  }
}
