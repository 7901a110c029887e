// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import java.util.List;

/** Reads where the requests of a rule go. */
final class BackendRefReader {
  private static final int MOST_WEIGHT = 1_000_000;

  private BackendRefReader() {}

  /**
   * Reads one that has no filters.
   *
   * @param namespace of the route
   */
  static BackendRef read(ObjectReader ref, String namespace) {
    return read(ref, namespace, List.of());
  }

  /**
   * The same with what its filters say.
   *
   * @param filters in their order
   */
  static BackendRef read(ObjectReader ref, String namespace, List<HttpRouteFilter> filters) {
    ObjectRef to = ObjectRef.read(ref, "Service", namespace);
    boolean service = BackendRef.isService(to);
    if (service) {
      ref.require("port", "name the service's port");
    }
    return new BackendRef(
        to,
        ref.integer("port", service ? 1 : 0, 1, 65535),
        ref.integer("weight", 1, 0, MOST_WEIGHT),
        filters);
  }
}
