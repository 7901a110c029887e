// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.policy.traffic.HashKey;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;

/** What the choice of an endpoint may depend on. */
public interface Asking {
  /** Whether the client speaks HTTP/2, for destinations that do not say what they speak. */
  boolean isHttp2();

  /** The address that the client connected to. */
  InetSocketAddress address();

  /** Endpoints that had the request already: rather another than one of them. */
  default List<Target> tried() {
    return List.of();
  }

  /** The {@link Target#id} of the endpoint that has its session; empty for none. */
  default OptionalLong session() {
    return OptionalLong.empty();
  }

  /** The hash of what decides; of a request without it, any number. */
  default long hash(HashKey key) {
    return ThreadLocalRandom.current().nextLong();
  }
}
