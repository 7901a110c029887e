// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.controlplane.discovery.TypeUrl;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.wire.waypoint.Document;
import dev.culvert.policy.wire.waypoint.Target;
import java.util.List;

/**
 * A resource, and as it is told.
 *
 * @param places whose instances are told of it
 */
record ToldDocument(
    Resource resource, List<Target> places, dev.culvert.policy.wire.discovery.Resource wire) {
  /**
   * One.
   *
   * @param text what was written
   */
  static ToldDocument of(Resource resource, String text) {
    Document document =
        Document.newBuilder().setJson(text).addAllTargets(RequestTargets.of(resource)).build();
    return new ToldDocument(
        resource,
        RequestTargets.places(resource),
        ResourceSet.resource(TypeUrl.DOCUMENT, resource.key().toString(), List.of(), document));
  }
}
