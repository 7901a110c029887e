// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.ServicePort;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.yaml.CanonicalJson;
import dev.culvert.policy.yaml.ScalarType;
import dev.culvert.policy.yaml.YamlValue;
import dev.culvert.policy.yaml.YamlValue.Field;
import dev.culvert.policy.yaml.YamlValue.Fields;
import dev.culvert.policy.yaml.YamlValue.Items;
import dev.culvert.policy.yaml.YamlValue.Scalar;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A Service as a front door is told of it: who it is, what its ports are called and what is spoken
 * there. Of all else the mesh tells.
 */
final class ServicePortsText {
  private ServicePortsText() {}

  static String of(ServiceResource service) {
    return CanonicalJson.of(
        fields(
            Map.of(
                "apiVersion",
                text("v1"),
                "kind",
                text(service.kind()),
                "metadata",
                fields(
                    Map.of(
                        "name",
                        text(service.metadata().name()),
                        "namespace",
                        text(service.metadata().namespace()))),
                "spec",
                fields(
                    Map.of(
                        "ports",
                        new Items(
                            0,
                            service.ports().stream()
                                .<YamlValue>map(ServicePortsText::port)
                                .toList()))))));
  }

  private static Fields port(ServicePort port) {
    Map<String, YamlValue> said = new HashMap<>();
    said.put("name", text(port.name()));
    said.put("port", new Scalar(0, ScalarType.INTEGER, String.valueOf(port.port())));
    said.put("protocol", text(port.protocol()));
    if (!port.appProtocol().isEmpty()) {
      said.put("appProtocol", text(port.appProtocol()));
    }
    return fields(said);
  }

  private static Fields fields(Map<String, YamlValue> values) {
    return new Fields(
        0,
        values.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, one -> new Field(0, one.getValue()))));
  }

  private static Scalar text(String text) {
    return new Scalar(0, ScalarType.TEXT, text);
  }
}
