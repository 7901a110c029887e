// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.Map;
import java.util.Optional;

/**
 * What is said of the things that are made for a Gateway.
 *
 * @param labels for each of them
 * @param annotations for each of them
 * @param parameters what holds more, in the namespace of the Gateway
 */
public record GatewayInfrastructure(
    Map<String, String> labels, Map<String, String> annotations, Optional<ObjectRef> parameters) {
  public GatewayInfrastructure {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
  }
}
