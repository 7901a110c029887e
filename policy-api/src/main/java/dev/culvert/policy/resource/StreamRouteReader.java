// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.StreamRouteResource.Rule;
import dev.culvert.policy.route.Hostname;
import java.util.List;

/** Reads TLSRoutes and TCPRoutes of the Gateway API. */
final class StreamRouteReader {
  private StreamRouteReader() {}

  static StreamRouteResource tls(ObjectMeta metadata, ObjectReader route) {
    return read(metadata, route, "TLSRoute");
  }

  static StreamRouteResource tcp(ObjectMeta metadata, ObjectReader route) {
    return read(metadata, route, "TCPRoute");
  }

  private static StreamRouteResource read(ObjectMeta metadata, ObjectReader route, String kind) {
    route.know("status");
    ObjectReader spec = route.object("spec");
    String namespace = metadata.namespace();
    List<Rule> rules = spec.objects("rules").stream().map(rule -> rule(rule, namespace)).toList();
    if (rules.size() != 1) {
      spec.error("rules", "there is one, here are " + rules.size(), "write one with backendRefs");
    }
    List<Hostname> hostnames =
        kind.equals("TLSRoute")
            ? spec.parsedItems("hostnames", Literals::hostname).stream().map(Hostname::new).toList()
            : List.of();
    return new StreamRouteResource(
        metadata,
        kind,
        spec.objects("parentRefs").stream()
            .map(ref -> HttpRouteReader.parent(ref, namespace))
            .toList(),
        hostnames,
        rules);
  }

  private static Rule rule(ObjectReader rule, String namespace) {
    return new Rule(
        rule.text("name", ""),
        rule.objects("backendRefs").stream()
            .map(ref -> BackendRefReader.read(ref, namespace))
            .toList());
  }
}
