// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import dev.culvert.policy.authz.IpNumber;
import dev.culvert.policy.authz.request.RequestFacts;
import dev.culvert.policy.authz.request.TokenFacts;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.accept.AcceptedRequest;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.accept.RejectedRequestException;
import dev.culvert.waypoint.exchange.Exchange;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A request as policies see it; what costs something is worked out when it is asked for. */
final class ExchangeFacts implements RequestFacts {
  private static final String FORWARDED_FOR = "x-forwarded-for";

  private final Exchange exchange;
  private final ClientConnection connection;
  private final AcceptedRequest request;
  private final ForwardedFor forwardedFor;

  ExchangeFacts(Exchange exchange, ForwardedFor forwardedFor) throws RejectedRequestException {
    this.exchange = exchange;
    this.connection = exchange.connection();
    this.request = exchange.request();
    this.forwardedFor = forwardedFor;
  }

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
    List<String> fields = header(FORWARDED_FOR);
    return IpNumber.of(forwardedFor.client(connection.client().getAddress(), fields).getAddress());
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
    return request.method();
  }

  @Override
  public String path() {
    return request.path();
  }

  @Override
  public String host() {
    return request.host();
  }

  @Override
  public String authority() {
    return exchange.head().headers().get(HttpHeaderNames.HOST, "").toLowerCase(Locale.ROOT);
  }

  @Override
  public List<String> header(String name) {
    return exchange.head().headers().getAll(name);
  }

  @Override
  public TokenFacts token() {
    return exchange.findings().token();
  }
}
