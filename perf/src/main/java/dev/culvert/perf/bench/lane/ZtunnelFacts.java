// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a ztunnel's log says of its transport and TLS engine. */
final class ZtunnelFacts {
  private static final Pattern STARTED =
      Pattern.compile("ztunnel of node [^:]+: ([^,]+), TLS by ([^,]+),");

  private ZtunnelFacts() {}

  static Map<String, String> of(List<String> log) {
    return log.stream()
        .map(STARTED::matcher)
        .filter(Matcher::find)
        .findFirst()
        .map(found -> Map.of("transport", found.group(1), "tls", found.group(2)))
        .orElse(Map.of());
  }
}
