// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.PeerAuthentication.Mode;
import java.util.Map;
import java.util.TreeMap;

/** Reads and checks PeerAuthentication. */
final class PeerAuthenticationReader {
  private PeerAuthenticationReader() {}

  static PeerAuthentication read(ObjectMeta metadata, ObjectReader object) {
    object.know("status");
    ObjectReader spec = object.object("spec");
    Map<String, String> selector = spec.object("selector").textMap("matchLabels");
    Map<Integer, Mode> ports = ports(spec.object("portLevelMtls"));
    if (!ports.isEmpty() && selector.isEmpty()) {
      spec.error(
          "portLevelMtls",
          "ports mean something only for selected workloads",
          "add selector.matchLabels or remove the ports");
    }
    return new PeerAuthentication(metadata, selector, mode(spec.object("mtls")), ports);
  }

  private static Map<Integer, Mode> ports(ObjectReader byPort) {
    Map<Integer, Mode> ports = new TreeMap<>();
    for (String name : byPort.names()) {
      Mode mode = mode(byPort.object(name));
      try {
        ports.put(Literals.port(name), mode);
      } catch (InvalidValueException e) {
        byPort.error(name, e.problem(), e.remedy());
      }
    }
    return ports;
  }

  private static Mode mode(ObjectReader mtls) {
    return mtls.choice("mode", Mode.class).orElse(Mode.UNSET);
  }
}
