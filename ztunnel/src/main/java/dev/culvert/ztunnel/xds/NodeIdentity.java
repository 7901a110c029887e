// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.culvert.policy.wire.discovery.Node;
import java.util.Map;

/**
 * Who asks the control plane, as Istio's ztunnel tells it.
 *
 * @param kind of proxy: ztunnel or waypoint
 * @param node the name of the node
 * @param pod the proxy's own pod
 * @param address the pod's own
 * @param metadata added to what is said anyway
 * @param more the same, of which not all are texts; {@code metadata} wins
 */
public record NodeIdentity(
    String kind,
    String node,
    String pod,
    String namespace,
    String address,
    Map<String, String> metadata,
    Struct more) {
  /** That of a ztunnel. */
  public NodeIdentity(
      String node,
      String pod,
      String namespace,
      String address,
      Map<String, String> metadata,
      Struct more) {
    this("ztunnel", node, pod, namespace, address, metadata, more);
  }

  /** That of a waypoint, which says no more of itself. */
  public static NodeIdentity waypoint(String node, String pod, String namespace, String address) {
    return new NodeIdentity(
        "waypoint", node, pod, namespace, address, Map.of(), Struct.getDefaultInstance());
  }

  public NodeIdentity {
    metadata = Map.copyOf(metadata);
  }

  /** One that says no more than texts. */
  public NodeIdentity(
      String node, String pod, String namespace, String address, Map<String, String> metadata) {
    this(node, pod, namespace, address, metadata, Struct.getDefaultInstance());
  }

  Node wire() {
    Struct.Builder fields = more.toBuilder();
    metadata.forEach((name, value) -> fields.putFields(name, text(value)));
    fields
        .putFields("NAME", text(pod))
        .putFields("NAMESPACE", text(namespace))
        .putFields("INSTANCE_IPS", text(address))
        .putFields("NODE_NAME", text(node));
    return Node.newBuilder()
        .setId(
            "%s~%s~%s.%s~%s.svc.cluster.local".formatted(kind, address, pod, namespace, namespace))
        .setMetadata(fields)
        .build();
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }
}
