// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads services. */
final class ServiceReader {
  private static final Map<String, String> TYPES =
      words("ClusterIP", "NodePort", "LoadBalancer", "ExternalName");
  private static final Map<String, String> TRAFFIC_POLICIES = words("Cluster", "Local");

  private ServiceReader() {}

  private static Map<String, String> words(String... words) {
    return Stream.of(words).collect(Collectors.toMap(word -> word, word -> word));
  }

  static ServiceResource read(ObjectMeta metadata, ObjectReader service) {
    ObjectReader spec = service.object("spec");
    return new ServiceResource(
        metadata,
        spec.choice("type", TYPES).orElse("ClusterIP"),
        ips(spec),
        spec.objects("ports").stream().map(ServiceReader::port).toList(),
        spec.textMap("selector"),
        spec.text("externalName", ""),
        spec.flag("publishNotReadyAddresses", false),
        spec.choice("internalTrafficPolicy", TRAFFIC_POLICIES).orElse("Cluster"),
        spec.text("trafficDistribution", ""));
  }

  /** None and the empty text mean that there is no virtual address. */
  private static List<InetAddress> ips(ObjectReader spec) {
    Stream<Optional<InetAddress>> first = spec.parsed("clusterIP", ServiceReader::ip).stream();
    Stream<Optional<InetAddress>> all = spec.parsedItems("clusterIPs", ServiceReader::ip).stream();
    return Stream.concat(first, all).flatMap(Optional::stream).distinct().toList();
  }

  private static Optional<InetAddress> ip(String text) {
    boolean none = text.isEmpty() || text.equals("None");
    return none ? Optional.empty() : Optional.of(Literals.ip(text));
  }

  private static ServicePort port(ObjectReader port) {
    int number = port.integer("port", 0, 1, 65535);
    if (!port.has("port")) {
      port.error("port", "it is missing", "write 1 to 65535");
    }
    boolean named = port.isText("targetPort");
    return new ServicePort(
        port.text("name", ""),
        number,
        port.text("protocol", "TCP"),
        port.text("appProtocol", ""),
        named ? 0 : port.integer("targetPort", number, 1, 65535),
        named ? port.text("targetPort", "") : "");
  }
}
