// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.transform;

import dev.culvert.policy.resource.HttpRouteFilter;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.http.ResponseFlag;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import java.util.Optional;

/** Answers with another address (Gateway API, HTTPRequestRedirectFilter). */
final class Redirect implements Filter {
  private final HttpRouteFilter.Redirect redirect;
  private final Optional<NewPath> path;

  Redirect(HttpRouteFilter.Redirect redirect, Optional<NewPath> path) {
    this.redirect = redirect;
    this.path = path;
  }

  @Override
  public Step run(Exchange exchange) {
    Client client =
        new Client(exchange.connection().secure(), exchange.connection().local().getPort());
    Answer answer = request(exchange.head(), client);
    exchange.answer(
        new LocalAnswer(
            answer.status(), ResponseFlag.NONE, answer.details(), answer.headers(), ""));
    return Step.ANSWERED;
  }

  @Override
  public boolean mayAnswer() {
    return true;
  }

  @Override
  public Answer request(HttpRequest head, Client client) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.LOCATION, location(head, client));
    return new Answer(redirect.status(), "redirected", headers);
  }

  @Override
  public void response(HttpRequest asked, HttpResponse response) {}

  private String location(HttpRequest head, Client client) {
    String scheme = redirect.scheme().orElse(client.secure() ? "https" : "http");
    String host = redirect.hostname().orElseGet(() -> host(head));
    int port = port(client);
    String uri = head.uri();
    boolean standard = port == (scheme.equals("https") ? 443 : 80);
    return "%s://%s%s%s"
        .formatted(scheme, host, standard ? "" : ":" + port, path.map(p -> p.of(uri)).orElse(uri));
  }

  /**
   * A new scheme has its own port; without one it is the listener's (HTTPRequestRedirectFilter).
   */
  private int port(Client client) {
    if (redirect.port().isPresent()) {
      return redirect.port().getAsInt();
    }
    return redirect.scheme().map(scheme -> scheme.equals("https") ? 443 : 80).orElse(client.port());
  }

  private static String host(HttpRequest head) {
    String authority = head.headers().get(HttpHeaderNames.HOST);
    int end = authority.startsWith("[") ? authority.indexOf(']') + 1 : authority.indexOf(':');
    return end > 0 ? authority.substring(0, end) : authority;
  }
}
