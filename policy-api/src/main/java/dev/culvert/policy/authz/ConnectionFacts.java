// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import dev.culvert.policy.spiffe.SpiffeId;
import java.net.InetAddress;
import java.util.Objects;
import java.util.Optional;

/**
 * What is known of a connection when it is judged: made once per connection, judged often.
 * Addresses are kept as numbers and v4-mapped IPv6 as the IPv4 it is, so that matching does not
 * allocate.
 */
public final class ConnectionFacts {
  private final Optional<SpiffeId> source;
  private final InetAddress sourceIp;
  private final InetAddress destinationIp;
  private final int destinationPort;
  private final IpNumber sourceNumber;
  private final IpNumber destinationNumber;

  /**
   * @param source the proven identity of the client; empty for a plaintext peer
   * @param destinationPort 0 to 65535
   */
  public ConnectionFacts(
      Optional<SpiffeId> source,
      InetAddress sourceIp,
      InetAddress destinationIp,
      int destinationPort) {
    this.source = source;
    this.sourceIp = sourceIp;
    this.destinationIp = destinationIp;
    this.destinationPort = destinationPort;
    this.sourceNumber = IpNumber.of(sourceIp.getAddress());
    this.destinationNumber = IpNumber.of(destinationIp.getAddress());
  }

  /** The proven identity of the client; empty for a plaintext peer. */
  public Optional<SpiffeId> source() {
    return source;
  }

  /** Where the connection comes from. */
  public InetAddress sourceIp() {
    return sourceIp;
  }

  /** The address it goes to. */
  public InetAddress destinationIp() {
    return destinationIp;
  }

  /** The port it goes to. */
  public int destinationPort() {
    return destinationPort;
  }

  IpNumber sourceNumber() {
    return sourceNumber;
  }

  IpNumber destinationNumber() {
    return destinationNumber;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConnectionFacts facts
        && destinationPort == facts.destinationPort
        && source.equals(facts.source)
        && sourceIp.equals(facts.sourceIp)
        && destinationIp.equals(facts.destinationIp);
  }

  @Override
  public int hashCode() {
    return Objects.hash(source, sourceIp, destinationIp, destinationPort);
  }

  @Override
  public String toString() {
    return "%s (%s) -> %s:%d"
        .formatted(
            source.map(SpiffeId::toString).orElse("no identity"),
            sourceIp.getHostAddress(),
            destinationIp.getHostAddress(),
            destinationPort);
  }
}
