// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/** Reads nodes. */
final class NodeReader {
  private NodeReader() {}

  static NodeResource read(ObjectMeta metadata, ObjectReader node) {
    return new NodeResource(
        metadata,
        node.object("status").objects("addresses").stream()
            .filter(address -> address.text("type", "").equals("InternalIP"))
            .flatMap(address -> address.parsed("address", Literals::ip).stream())
            .toList());
  }
}
