// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.traffic.HealthCheck;
import dev.culvert.policy.traffic.HealthCheck.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads how endpoints are asked whether they are well. */
final class HealthCheckReader {
  private static final int OK = 200;

  private HealthCheckReader() {}

  static Optional<HealthCheck> read(ObjectReader check) {
    Duration interval =
        check.parsed("interval", TimeSpans::positive).orElse(Duration.ofSeconds(10));
    Duration timeout = check.parsed("timeout", TimeSpans::positive).orElse(Duration.ofSeconds(1));
    int unhealthy = check.integer("unhealthyThreshold", 3, 1, 100);
    int healthy = check.integer("healthyThreshold", 2, 1, 100);
    List<Probe> probes = new ArrayList<>();
    if (check.has("http")) {
      probes.add(http(check.object("http")));
    }
    if (check.has("grpc")) {
      ObjectReader grpc = check.object("grpc");
      probes.add(new HealthCheck.Grpc(port(grpc), grpc.text("service", "")));
    }
    if (check.has("tcp")) {
      probes.add(new HealthCheck.Tcp(port(check.object("tcp"))));
    }
    if (probes.size() != 1) {
      check.error("http", "there is one way to ask", "write one of http, grpc and tcp");
      return Optional.empty();
    }
    return Optional.of(new HealthCheck(interval, timeout, unhealthy, healthy, probes.getFirst()));
  }

  private static Probe http(ObjectReader http) {
    http.require("path", "write the path that is asked for, as /healthz");
    Set<Integer> statuses = new HashSet<>(http.integers("statuses", 200, 599));
    return new HealthCheck.Http(
        port(http),
        http.parsed("path", HealthCheckReader::path).orElse("/"),
        http.parsed("host", Literals::exactHostname),
        statuses.isEmpty() ? Set.of(OK) : statuses);
  }

  private static OptionalInt port(ObjectReader probe) {
    int port = probe.integer("port", 0, 1, 65535);
    return port == 0 ? OptionalInt.empty() : OptionalInt.of(port);
  }

  private static String path(String text) {
    if (!text.matches("/[!-\"$-~]*")) {
      throw new InvalidValueException(
          "'%s' is no path".formatted(text), "write one such as /healthz");
    }
    return text;
  }
}
