// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.route.Hostname;
import dev.culvert.policy.route.HttpMatch;
import dev.culvert.policy.route.HttpRoute;
import dev.culvert.policy.route.PathMatch;
import dev.culvert.policy.route.RouteTable;
import dev.culvert.policy.route.ValueMatch;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AcceptedRequestTest {
  @Test
  void routeSeesNormalPathHostWithoutPortAndDecodedParameters() throws RejectedRequestException {
    HttpMatch match =
        new HttpMatch(
            new PathMatch.Prefix("/admin"),
            Optional.of("GET"),
            Map.of("x-canary", new ValueMatch.Exact("1")),
            Map.of("q", new ValueMatch.Exact("a b")));
    HttpRoute route =
        new HttpRoute(
            "shop",
            "admin",
            Instant.EPOCH,
            List.of(new Hostname("shop.example.org")),
            List.of(new HttpRoute.Rule(List.of(match), List.of())));

    HttpRequest request = get("/x/%2e%2e/%61dmin/1?q=a%20b&q=c");
    request.headers().add("Host", "Shop.Example.org:8443").add("X-Canary", "1");
    AcceptedRequest accepted = AcceptedRequest.of(request);

    assertThat(RouteTable.of(List.of(route)).match(accepted)).isPresent();
  }

  @Test
  void severalFieldsOfOneNameAreOneValue() throws RejectedRequestException {
    HttpRequest request = get("/");
    request.headers().add("Host", "a").add("x-tag", "one").add("X-Tag", "two");
    assertThat(AcceptedRequest.of(request).header("x-tag")).contains("one,two");
  }

  @Test
  void queryIsReadHoweverItIsWritten() throws RejectedRequestException {
    AcceptedRequest request = of("/?a=%zz%41&b=1;c=2&d=x+y&e&f=%C3%A9&=g&a=second");
    assertThat(request.queryParameter("a")).contains("%zzA");
    assertThat(request.queryParameter("b")).as("no semicolon parts").contains("1;c=2");
    assertThat(request.queryParameter("c")).isEmpty();
    assertThat(request.queryParameter("d")).contains("x y");
    assertThat(request.queryParameter("e")).contains("");
    assertThat(request.queryParameter("f")).contains("é");
  }

  /** Else a rule for a parameter would be passed by who writes it behind many others. */
  @Test
  void parameterBehindManyOthersIsFound() throws RejectedRequestException {
    assertThat(of("/?" + "x&".repeat(5_000) + "admin=1").queryParameter("admin")).contains("1");
  }

  private static AcceptedRequest of(String uri) throws RejectedRequestException {
    HttpRequest request = get(uri);
    request.headers().add("Host", "a");
    return AcceptedRequest.of(request);
  }

  @Test
  void addressInBracketsKeepsItsColons() throws RejectedRequestException {
    HttpRequest request = get("/");
    request.headers().add("Host", "[fd00:c01::1]:8080");
    assertThat(AcceptedRequest.of(request).host()).isEqualTo("[fd00:c01::1]");
  }

  @Test
  void requestWithoutHostOrWithTwoIsRefused() {
    HttpRequest none = get("/");
    assertThatThrownBy(() -> AcceptedRequest.of(none)).isInstanceOf(RejectedRequestException.class);
    HttpRequest two = get("/");
    two.headers().add("Host", "a").add("Host", "b");
    assertThatThrownBy(() -> AcceptedRequest.of(two)).hasMessageContaining("names one host");
  }

  private static HttpRequest get(String uri) {
    return new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, uri);
  }
}
