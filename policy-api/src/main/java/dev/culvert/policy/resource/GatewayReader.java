// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.GatewayResource.Address;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads Gateways of the Gateway API. */
final class GatewayReader {
  private GatewayReader() {}

  static GatewayResource read(ObjectMeta metadata, ObjectReader gateway) {
    ObjectReader spec = gateway.object("spec");
    ObjectReader status = gateway.object("status");
    status.know("conditions", "listeners", "attachedListenerSets");
    spec.know("defaultScope");
    spec.require("gatewayClassName", "name the GatewayClass, such as culvert-waypoint");
    return new GatewayResource(
        metadata,
        spec.parsed("gatewayClassName", Literals::some).orElse(""),
        listeners(spec, metadata.namespace()),
        addresses(spec),
        addresses(status),
        infrastructure(spec.object("infrastructure"), metadata.namespace()),
        GatewayTlsReader.gateway(spec.object("tls"), metadata.namespace()),
        ListenerReader.allowedListeners(spec.object("allowedListeners")));
  }

  static List<GatewayListener> listeners(ObjectReader spec, String namespace) {
    List<ObjectReader> written = spec.objects("listeners");
    if (spec.isAbsentOrEmpty("listeners")) {
      spec.error("listeners", "there is none", "add one with name, port and protocol");
    }
    Set<String> names = new HashSet<>();
    for (ObjectReader listener : written) {
      String name = listener.text("name", "");
      if (!name.isEmpty() && !names.add(name)) {
        listener.error("name", "'%s' is taken".formatted(name), "give each listener its own");
      }
    }
    return written.stream().map(one -> ListenerReader.read(one, namespace)).toList();
  }

  /** One without a value asks for any address of its type. */
  private static List<Address> addresses(ObjectReader owner) {
    return owner.objects("addresses").stream()
        .map(GatewayReader::address)
        .flatMap(Optional::stream)
        .toList();
  }

  private static Optional<Address> address(ObjectReader address) {
    String type = address.text("type", "IPAddress");
    Optional<String> value =
        switch (type) {
          case "IPAddress" -> address.parsed("value", text -> Literals.ip(text).getHostAddress());
          case "Hostname" -> address.parsed("value", Literals::hostname);
          default -> address.text("value");
        };
    if (!type.contains("/") && !type.equals("IPAddress") && !type.equals("Hostname")) {
      address.error("type", "'%s' is not known".formatted(type), "write IPAddress or Hostname");
    }
    return value.map(text -> new Address(type, text));
  }

  private static GatewayInfrastructure infrastructure(ObjectReader written, String namespace) {
    Optional<ObjectRef> parameters =
        written.has("parametersRef")
            ? Optional.of(ObjectRef.read(written.object("parametersRef"), "", namespace))
            : Optional.empty();
    return new GatewayInfrastructure(
        written.textMap("labels"), written.textMap("annotations"), parameters);
  }
}
