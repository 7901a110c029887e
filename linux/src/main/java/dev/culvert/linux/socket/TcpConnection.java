// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;

/** One end of a TCP connection as sock_diag(7) shows it. Two are equal when they are one socket. */
public final class TcpConnection {
  private final InetSocketAddress local;
  private final InetSocketAddress remote;
  private final int mark;
  private final byte family;
  private final byte[] id;

  TcpConnection(
      InetSocketAddress local, InetSocketAddress remote, int mark, byte family, byte[] id) {
    this.local = local;
    this.remote = remote;
    this.mark = mark;
    this.family = family;
    this.id = id;
  }

  /** The end whose namespace was asked; IPv4 also where an IPv6 socket carries it. */
  public InetSocketAddress local() {
    return local;
  }

  public InetSocketAddress remote() {
    return remote;
  }

  /** SO_MARK; 0 when there is none. */
  public int mark() {
    return mark;
  }

  byte family() {
    return family;
  }

  /** struct inet_diag_sockid: both ends and the number that no other socket gets. */
  byte[] id() {
    return id.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TcpConnection that && Arrays.equals(id, that.id);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(id);
  }

  @Override
  public String toString() {
    return "%s -> %s (%s)".formatted(local, remote, HexFormat.of().formatHex(id, 40, 48));
  }
}
