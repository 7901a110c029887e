// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.waypoint.observe.Party;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Optional;

/**
 * One endpoint of a destination; connections to it are kept by address, protocol and way. What is
 * told of it may change under open connections.
 */
public final class Target implements Pick {
  private final InetSocketAddress address;
  private final Protocol protocol;
  private final Optional<Way> way;
  private final Party party;

  /**
   * @param address resolved, but for what the gateway of another network is asked for
   * @param protocol what it speaks
   * @param way the tunnel to it; empty for plaintext
   * @param party what is told of it
   */
  public Target(InetSocketAddress address, Protocol protocol, Optional<Way> way, Party party) {
    this.address = address;
    this.protocol = protocol;
    this.way = way;
    this.party = party;
  }

  /** One outside of any mesh. */
  public Target(InetSocketAddress address, Protocol protocol) {
    this(address, protocol, Optional.empty(), Party.UNKNOWN);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return address;
  }

  /** What it speaks. */
  public Protocol protocol() {
    return protocol;
  }

  /** The tunnel to it; empty for plaintext. */
  public Optional<Way> way() {
    return way;
  }

  /** What is told of it. */
  public Party party() {
    return party;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Target target
        && address.equals(target.address)
        && protocol == target.protocol
        && way.equals(target.way);
  }

  /** Without the way, which seldom differs alone. */
  @Override
  public int hashCode() {
    return Objects.hashCode(address) * 31 + protocol.hashCode();
  }

  @Override
  public String toString() {
    return "%s (%s%s)".formatted(address, protocol, way.isPresent() ? " in a tunnel" : "");
  }
}
