// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Reads endpoint slices. */
final class EndpointSliceReader {
  private EndpointSliceReader() {}

  static EndpointSliceResource read(ObjectMeta metadata, ObjectReader slice) {
    String type = slice.text("addressType", "IPv4");
    boolean numeric = !type.equals("FQDN");
    return new EndpointSliceResource(
        metadata,
        type,
        slice.objects("endpoints").stream().map(one -> endpoint(one, numeric)).toList(),
        slice.objects("ports").stream().map(EndpointSliceReader::port).toList());
  }

  private static Endpoint endpoint(ObjectReader endpoint, boolean numeric) {
    List<InetAddress> addresses =
        numeric ? endpoint.parsedItems("addresses", Literals::ip) : List.of();
    ObjectReader conditions = endpoint.object("conditions");
    boolean ready = conditions.flag("ready", true);
    return new Endpoint(
        addresses,
        ready,
        conditions.flag("serving", ready),
        conditions.flag("terminating", false),
        endpoint.text("nodeName", ""),
        endpoint.text("zone", ""),
        pod(endpoint.object("targetRef")));
  }

  private static Optional<String> pod(ObjectReader target) {
    return target.text("kind", "").equals("Pod") ? target.text("name") : Optional.empty();
  }

  private static EndpointPort port(ObjectReader port) {
    return new EndpointPort(
        port.text("name", ""),
        port.integer("port", 0, 1, 65535),
        port.text("protocol", "TCP"),
        port.text("appProtocol", ""));
  }
}
