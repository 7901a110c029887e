// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.ztunnel.telemetry.KnownFields;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Optional;

/**
 * One endpoint of a destination; connections to it are kept by address, protocol, way, bounds, TLS
 * and what they begin with. What is told of it may change under open connections.
 */
public final class Target implements Pick {
  private final InetSocketAddress address;
  private final Protocol protocol;
  private final Optional<Way> way;
  private final Party party;
  private final Bounds bounds;
  private final Usage usage;
  private final Optional<BackendTls> tls;
  private final Optional<SentProxyHeader> proxyHeader;
  private final String addressText;
  private final KnownFields fields;

  /**
   * @param address resolved, but for what the gateway of another network is asked for
   * @param protocol what it speaks
   * @param way the tunnel to it; empty for plaintext
   * @param party what is told of it
   * @param bounds of its destination; connections are not shared with those of others
   * @param usage hears of each request
   * @param tls how TLS is spoken to it; empty for not at all
   * @param proxyHeader what connections to it begin with; empty for nothing
   */
  public Target(
      InetSocketAddress address,
      Protocol protocol,
      Optional<Way> way,
      Party party,
      Bounds bounds,
      Usage usage,
      Optional<BackendTls> tls,
      Optional<SentProxyHeader> proxyHeader) {
    this.tls = tls;
    this.proxyHeader = proxyHeader;
    this.address = address;
    this.addressText = NetUtil.toSocketAddressString(address);
    this.fields = new KnownFields(to -> to.plain("backend.addr", addressText));
    this.protocol = protocol;
    this.way = way;
    this.party = party;
    this.bounds = bounds;
    this.usage = usage;
  }

  /** One that nothing bounds, and of whose requests nobody hears. */
  public Target(InetSocketAddress address, Protocol protocol, Optional<Way> way, Party party) {
    this(
        address, protocol, way, party, Bounds.NONE, Usage.NONE, Optional.empty(), Optional.empty());
  }

  /** One outside of any mesh. */
  public Target(InetSocketAddress address, Protocol protocol) {
    this(address, protocol, Optional.empty(), Party.UNKNOWN);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return address;
  }

  /** The same as a text. */
  public String addressText() {
    return addressText;
  }

  /** What the access log says of it. */
  public KnownFields fields() {
    return fields;
  }

  /** The hash of its address. */
  public long id() {
    return Hash64.of(addressText());
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

  /** What bounds its connections and requests. */
  public Bounds bounds() {
    return bounds;
  }

  /** Who hears of its requests. */
  public Usage usage() {
    return usage;
  }

  /** How TLS is spoken to it; empty for not at all. */
  public Optional<BackendTls> tls() {
    return tls;
  }

  /** The same, spoken to in another protocol. */
  public Target in(Protocol other) {
    return other == protocol
        ? this
        : new Target(address, other, way, party, bounds, usage, tls, proxyHeader);
  }

  /** The same, in which TLS of ours is not begun. */
  public Target withoutTls() {
    return within(Optional.empty());
  }

  /** The same, spoken to in this TLS, or in none. */
  public Target within(Optional<BackendTls> other) {
    return tls.equals(other)
        ? this
        : new Target(address, protocol, way, party, bounds, usage, other, proxyHeader);
  }

  /** The same for a client that it is told of, if it is told anything: for nobody else then. */
  public Target telling(InetSocketAddress client, InetSocketAddress asked) {
    if (proxyHeader.isEmpty()) {
      return this;
    }
    SentProxyHeader.Client of = new SentProxyHeader.Client(client, asked);
    SentProxyHeader header = new SentProxyHeader(proxyHeader.get().version(), Optional.of(of));
    return new Target(address, protocol, way, party, bounds, usage, tls, Optional.of(header));
  }

  /** What connections to it begin with; empty for nothing. */
  public Optional<SentProxyHeader> proxyHeader() {
    return proxyHeader;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Target target
        && address.equals(target.address)
        && protocol == target.protocol
        && bounds == target.bounds
        && tls.equals(target.tls)
        && proxyHeader.equals(target.proxyHeader)
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
