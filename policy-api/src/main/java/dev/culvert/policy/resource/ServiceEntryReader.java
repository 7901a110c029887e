// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.ServiceEntryResource.HostAddress;
import dev.culvert.policy.resource.ServiceEntryResource.Resolution;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads and checks service entries. */
final class ServiceEntryReader {
  private static final Map<String, Boolean> INTERNAL =
      Map.of("MESH_INTERNAL", true, "MESH_EXTERNAL", false);
  private static final Map<String, Resolution> RESOLUTIONS =
      Map.of(
          "NONE", Resolution.NONE,
          "STATIC", Resolution.STATIC,
          "DNS", Resolution.DNS,
          "DNS_ROUND_ROBIN", Resolution.DNS);

  private ServiceEntryReader() {}

  static ServiceEntryResource read(ObjectMeta metadata, ObjectReader entry) {
    ObjectReader spec = entry.object("spec");
    ObjectReader status = entry.object("status");
    status.know("conditions", "validationMessages", "observedGeneration");
    ServiceEntryResource read =
        new ServiceEntryResource(
            metadata,
            spec.parsedItems("hosts", Literals::hostname),
            spec.parsedItems("addresses", IpBlock::parse),
            spec.objects("ports").stream().map(ServiceEntryReader::port).toList(),
            spec.choice("location", INTERNAL).orElse(false),
            spec.choice("resolution", RESOLUTIONS).orElse(Resolution.NONE),
            spec.objects("endpoints").stream().map(WorkloadEntryReader::spec).toList(),
            spec.object("workloadSelector").textMap("labels"),
            spec.parsedItems("exportTo", Literals::some),
            spec.parsedItems("subjectAltNames", Literals::some),
            status.objects("addresses").stream().flatMap(one -> assigned(one).stream()).toList());
    check(spec, read);
    return read;
  }

  private static ServicePort port(ObjectReader port) {
    port.require("number", "write 1 to 65535");
    port.require("name", "give each port a name");
    int number = port.integer("number", 0, 1, 65535);
    String protocol = port.text("protocol", "").toLowerCase(Locale.ROOT);
    return new ServicePort(
        port.text("name", ""),
        number,
        protocol.equals("udp") ? "UDP" : "TCP",
        protocol,
        port.integer("targetPort", number, 1, 65535),
        "");
  }

  private static Optional<HostAddress> assigned(ObjectReader address) {
    return address
        .parsed("value", Literals::ip)
        .map(ip -> new HostAddress(address.text("host", ""), ip));
  }

  private static void check(ObjectReader spec, ServiceEntryResource read) {
    if (spec.isAbsentOrEmpty("hosts")) {
      spec.error("hosts", "there is none", "name at least one host");
    }
    if (!read.endpoints().isEmpty() && !read.workloadSelector().isEmpty()) {
      spec.error("workloadSelector", "it cannot stand beside endpoints", "remove one of them");
    }
    switch (read.resolution()) {
      case NONE -> checkUnresolved(spec, read);
      case STATIC -> checkStatic(spec, read);
      case DNS -> checkDns(spec, read);
    }
  }

  private static void checkUnresolved(ObjectReader spec, ServiceEntryResource read) {
    if (!read.endpoints().isEmpty()) {
      spec.error(
          "endpoints",
          "resolution NONE goes to the address that was asked for",
          "remove them, or write resolution STATIC or DNS");
    }
  }

  private static void checkStatic(ObjectReader spec, ServiceEntryResource read) {
    for (int i = 0; i < read.endpoints().size(); i++) {
      if (!read.endpoints().get(i).hostname().isEmpty()) {
        spec.error(
            "endpoints[%d].address".formatted(i),
            "'%s' is no IP address".formatted(read.endpoints().get(i).hostname()),
            "write one, or resolution DNS");
      }
    }
  }

  private static void checkDns(ObjectReader spec, ServiceEntryResource read) {
    boolean wildcard = read.hosts().stream().anyMatch(host -> host.startsWith("*"));
    if (wildcard && read.resolvedHost("").isPresent()) {
      spec.error(
          "hosts",
          "DNS cannot be asked for a wildcard",
          "add endpoints, name each host, or write resolution NONE");
    }
    if (read.addresses().stream().anyMatch(IpBlock::isRange)) {
      spec.error(
          "addresses",
          "resolution DNS takes no ranges",
          "write single addresses, or resolution STATIC or NONE");
    }
  }
}
