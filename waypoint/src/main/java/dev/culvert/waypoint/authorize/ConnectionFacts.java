// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import dev.culvert.policy.authz.IpNumber;
import dev.culvert.policy.authz.request.RequestFacts;
import dev.culvert.policy.authz.request.TokenFacts;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.accept.ClientConnection;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * A connection that nobody looks into, as policies see it that were compiled to ask nothing that
 * only requests have.
 */
public record ConnectionFacts(ClientConnection connection) implements RequestFacts {
  @Override
  public Optional<SpiffeId> source() {
    return connection.identity();
  }

  @Override
  public IpNumber peer() {
    return number(connection.peer());
  }

  @Override
  public IpNumber client() {
    return number(connection.client());
  }

  @Override
  public IpNumber destination() {
    return number(connection.local());
  }

  private static IpNumber number(InetSocketAddress address) {
    return IpNumber.of(address.getAddress().getAddress());
  }

  @Override
  public int port() {
    return connection.local().getPort();
  }

  @Override
  public String serverName() {
    return connection.serverName().orElse("");
  }

  @Override
  public String method() {
    return "";
  }

  @Override
  public String path() {
    return "";
  }

  @Override
  public String host() {
    return "";
  }

  @Override
  public String authority() {
    return "";
  }

  @Override
  public List<String> header(String name) {
    return List.of();
  }

  @Override
  public TokenFacts token() {
    return TokenFacts.NONE;
  }
}
