// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import dev.culvert.perf.bench.site.Endpoint;
import dev.culvert.perf.bench.site.Proxies;
import dev.culvert.perf.bench.site.Service;
import dev.culvert.perf.bench.site.Side;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A lane that takes connections. */
public interface OpenLane extends AutoCloseable {
  Side client();

  Side server();

  /** Where the client connects to for a service. */
  Endpoint to(Service service);

  /** Where the client sends HTTP of that kind to; none for a lane that carries bytes only. */
  default Optional<Endpoint> door(Wire wire) {
    return Optional.empty();
  }

  /** Where requests go that a policy is for; none for a lane that compares no policies. */
  default Optional<Endpoint> door(AddedPolicy policy) {
    return Optional.empty();
  }

  /** A token that {@link AddedPolicy#TOKEN} takes. */
  default String token() {
    return "";
  }

  /** Where a client's certificate for {@link Wire}s is; none for a lane that carries bytes only. */
  default Optional<Path> certificates() {
    return Optional.empty();
  }

  /** Empty for a lane without proxies. */
  Optional<Proxies> proxies();

  /** From the start of both proxies until both take connections; none without proxies. */
  Optional<Duration> startUp();

  /** Whether pods can join it. */
  default boolean enrols() {
    return false;
  }

  /** From telling the mesh of a pod to the first byte that went through it. */
  default Duration enrolment() throws IOException {
    throw new UnsupportedOperationException("pods cannot join this lane");
  }

  /** Ends its proxies. */
  @Override
  void close() throws IOException;
}
