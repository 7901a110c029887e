// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import java.util.ArrayList;
import java.util.List;

/** Reads where the requests of a rule go. */
final class BackendRefReader {
  private static final int MOST_WEIGHT = 1_000_000;

  private BackendRefReader() {}

  /**
   * Reads one.
   *
   * @param namespace of the route
   */
  static BackendRef read(ObjectReader ref, String namespace) {
    ObjectRef to = ObjectRef.read(ref, "Service", namespace);
    boolean service = BackendRef.isService(to);
    if (service) {
      ref.require("port", "name the service's port");
    }
    return new BackendRef(
        to,
        ref.integer("port", service ? 1 : 0, 1, 65535),
        ref.integer("weight", 1, 0, MOST_WEIGHT),
        changes(ref, namespace));
  }

  private static List<HttpRouteFilter.Headers> changes(ObjectReader ref, String namespace) {
    List<HttpRouteFilter.Headers> changes = new ArrayList<>();
    for (ObjectReader filter : ref.objects("filters")) {
      HttpRouteFilterReader.read(filter, namespace)
          .ifPresent(
              read -> {
                if (read instanceof HttpRouteFilter.Headers headers) {
                  changes.add(headers);
                } else {
                  filter.error(
                      "type",
                      "it is not applied to a single backend",
                      "write RequestHeaderModifier or ResponseHeaderModifier, or move it to the rule");
                }
              });
    }
    return changes;
  }
}
