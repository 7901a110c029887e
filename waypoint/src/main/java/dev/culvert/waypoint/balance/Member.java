// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.waypoint.plan.BackendTls;
import dev.culvert.waypoint.plan.Party;
import dev.culvert.waypoint.plan.Way;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * An endpoint as discovery tells of it.
 *
 * @param way the tunnel to it; empty for plaintext
 * @param party what is told of it
 * @param weight its share, above 0
 * @param tls how TLS is spoken to it; empty for not at all
 */
public record Member(
    InetSocketAddress address,
    Optional<Way> way,
    Party party,
    int weight,
    Optional<BackendTls> tls) {
  /** One that no TLS of ours is spoken to. */
  public Member(InetSocketAddress address, Optional<Way> way, Party party, int weight) {
    this(address, way, party, weight, Optional.empty());
  }

  /** One outside of any mesh. */
  public Member(InetSocketAddress address, Optional<BackendTls> tls) {
    this(address, Optional.empty(), Party.UNKNOWN, 1, tls);
  }

  /** What makes it another endpoint. */
  record Key(InetSocketAddress address, Optional<Way> way) {}

  Key key() {
    return new Key(address, way);
  }
}
