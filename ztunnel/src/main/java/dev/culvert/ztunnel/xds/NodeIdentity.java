// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.culvert.policy.wire.discovery.Node;
import java.util.Map;

/**
 * Who asks the control plane, as Istio's ztunnel tells it.
 *
 * @param node the name of the node
 * @param pod the proxy's own pod
 * @param address the pod's own
 * @param metadata added to what is said anyway
 * @param more the same, of which not all are texts; {@code metadata} wins
 */
public record NodeIdentity(
    String node,
    String pod,
    String namespace,
    String address,
    Map<String, String> metadata,
    Struct more) {
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
            "ztunnel~%s~%s.%s~%s.svc.cluster.local".formatted(address, pod, namespace, namespace))
        .setMetadata(fields)
        .build();
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }
}
