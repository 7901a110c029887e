// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/** Reads ListenerSets of the Gateway API. */
final class ListenerSetReader {
  private ListenerSetReader() {}

  static ListenerSetResource read(ObjectMeta metadata, ObjectReader object) {
    object.know("status");
    ObjectReader spec = object.object("spec");
    spec.require("parentRef", "name the Gateway");
    return new ListenerSetResource(
        metadata,
        ObjectRef.read(spec.object("parentRef"), "Gateway", metadata.namespace()),
        GatewayReader.listeners(spec, metadata.namespace()));
  }
}
