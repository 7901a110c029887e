// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads workload entries, alone and as endpoints of a service entry. */
final class WorkloadEntryReader {
  private static final String[] CONDITION = {
    "reason", "message", "lastProbeTime", "lastTransitionTime", "observedGeneration", "status"
  };
  private static final int MAX_WEIGHT = Integer.MAX_VALUE;

  private WorkloadEntryReader() {}

  static WorkloadEntryResource read(ObjectMeta metadata, ObjectReader entry) {
    ObjectReader status = entry.object("status");
    status.know("validationMessages", "observedGeneration");
    return new WorkloadEntryResource(metadata, spec(entry.object("spec")), isHealthy(status));
  }

  private static boolean isHealthy(ObjectReader status) {
    List<ObjectReader> conditions = status.objects("conditions");
    conditions.forEach(condition -> condition.know(CONDITION));
    return conditions.stream()
        .noneMatch(
            condition ->
                condition.text("type", "").equals("Healthy")
                    && condition.text("status", "").equals("False"));
  }

  static WorkloadEntrySpec spec(ObjectReader spec) {
    String address = spec.parsed("address", WorkloadEntryReader::address).orElse("");
    if (!spec.has("address") && !spec.has("network")) {
      spec.error("address", "it is missing", "write an IP address or a host name");
    }
    Optional<InetAddress> ip = Literals.ipIfAny(address);
    return new WorkloadEntrySpec(
        ip,
        ip.isPresent() ? "" : address,
        ports(spec.object("ports")),
        spec.textMap("labels"),
        spec.text("network", ""),
        spec.text("locality", ""),
        spec.has("weight")
            ? Optional.of(spec.integer("weight", 1, 0, MAX_WEIGHT))
            : Optional.empty(),
        spec.parsed("serviceAccount", Literals::name).orElse(""));
  }

  private static String address(String text) {
    if (text.startsWith("unix:")) {
      throw new InvalidValueException(
          "'%s' is of one machine only".formatted(text), "write an IP address or a host name");
    }
    return Literals.ipIfAny(text).isPresent() ? text : Literals.exactHostname(text);
  }

  private static Map<String, Integer> ports(ObjectReader written) {
    Map<String, Integer> ports = new LinkedHashMap<>();
    written.names().forEach(name -> ports.put(name, written.integer(name, 0, 1, 65535)));
    return ports;
  }
}
