// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.plan.Party;
import dev.culvert.ztunnel.telemetry.KnownFields;
import dev.culvert.ztunnel.telemetry.LogEntry;
import dev.culvert.ztunnel.transport.PlainAddress;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the connection that a request came in. Immutable but for texts that each request
 * asks for, which are made once.
 */
public final class ClientConnection {
  private final EventLoop loop;
  private final InetSocketAddress peer;
  private final InetSocketAddress local;
  private final InetSocketAddress client;
  private final InetSocketAddress asked;
  private final Optional<SpiffeId> identity;
  private final boolean secure;
  private final Optional<String> serverName;
  private final Party source;
  private final KnownFields fields = new KnownFields(this::tell);
  private @Nullable String clientText;
  private @Nullable String localText;
  private @Nullable String clientHost;

  /**
   * @param loop everything of the connection happens on it
   * @param peer who connected: the client, or a load balancer before it
   * @param local the address that the peer connected to
   * @param client the client, by the word of the load balancer if there is one
   * @param asked the address that the client connected to
   * @param identity what the client proved to be
   * @param secure whether it came through TLS
   * @param serverName the name asked for in the TLS handshake (SNI), in lower case
   * @param source what telemetry says of the client; a claim in part, never a reason to allow
   */
  public ClientConnection(
      EventLoop loop,
      InetSocketAddress peer,
      InetSocketAddress local,
      InetSocketAddress client,
      InetSocketAddress asked,
      Optional<SpiffeId> identity,
      boolean secure,
      Optional<String> serverName,
      Party source) {
    this.loop = loop;
    this.peer = peer;
    this.local = local;
    this.client = client;
    this.asked = asked;
    this.identity = identity;
    this.secure = secure;
    this.serverName = serverName;
    this.source = source;
  }

  /** One of a client that connected itself. */
  public ClientConnection(
      EventLoop loop,
      InetSocketAddress peer,
      InetSocketAddress local,
      Optional<SpiffeId> identity,
      boolean secure,
      Optional<String> serverName,
      Party source) {
    this(loop, peer, local, peer, local, identity, secure, serverName, source);
  }

  /** What is known of one that was just accepted. */
  static ClientConnection of(Channel channel, boolean secure) {
    return new ClientConnection(
        channel.eventLoop(),
        PlainAddress.of(channel.remoteAddress()),
        PlainAddress.of(channel.localAddress()),
        Optional.empty(),
        secure,
        Optional.empty(),
        Party.UNKNOWN);
  }

  /** The same, as a load balancer tells of it. */
  ClientConnection told(InetSocketAddress of, InetSocketAddress to) {
    return new ClientConnection(loop, peer, local, of, to, identity, secure, serverName, source);
  }

  /** The same, as a handshake tells of its client. */
  ClientConnection secured(Optional<String> name, Optional<SpiffeId> proved) {
    return new ClientConnection(
        loop, peer, local, client, asked, proved, true, name, proved.map(Party::of).orElse(source));
  }

  /** The same, whose handshake asks for a name and is carried as it is. */
  public ClientConnection asking(Optional<String> name) {
    return new ClientConnection(loop, peer, local, client, asked, identity, secure, name, source);
  }

  /** Everything of the connection happens on it. */
  public EventLoop loop() {
    return loop;
  }

  /** Who connected: the client, or a load balancer before it. */
  public InetSocketAddress peer() {
    return peer;
  }

  /** The address that the peer connected to. */
  public InetSocketAddress local() {
    return local;
  }

  /** The client, by the word of the load balancer if there is one. */
  public InetSocketAddress client() {
    return client;
  }

  /** The address that the client connected to. */
  public InetSocketAddress asked() {
    return asked;
  }

  /** What the client proved to be. */
  public Optional<SpiffeId> identity() {
    return identity;
  }

  /** Whether it came through TLS. */
  public boolean secure() {
    return secure;
  }

  /** The name asked for in the TLS handshake (SNI), in lower case. */
  public Optional<String> serverName() {
    return serverName;
  }

  /** What telemetry says of the client; a claim in part, never a reason to allow. */
  public Party source() {
    return source;
  }

  /** Whether a load balancer told of its client. */
  public boolean isTold() {
    return !client.equals(peer);
  }

  /** What the access log says of it. */
  public KnownFields fields() {
    return fields;
  }

  private void tell(LogEntry.Fields to) {
    to.plain("src.addr", clientText());
    if (isTold()) {
      to.plain("src.balancer", NetUtil.toSocketAddressString(peer));
    }
    identity.ifPresent(id -> to.text("src.identity", id.toString()));
    to.plain("dst.addr", localText());
  }

  /** The client's address and port. */
  public String clientText() {
    String text = clientText;
    if (text == null) {
      text = NetUtil.toSocketAddressString(client);
      clientText = text;
    }
    return text;
  }

  /** The client's address alone. */
  public String clientHost() {
    String text = clientHost;
    if (text == null) {
      text = client.getAddress().getHostAddress();
      clientHost = text;
    }
    return text;
  }

  /** The address and port that the peer connected to. */
  public String localText() {
    String text = localText;
    if (text == null) {
      text = NetUtil.toSocketAddressString(local);
      localText = text;
    }
    return text;
  }
}
