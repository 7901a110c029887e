// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RouteTableTest {
  private static final Instant OLD = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant NEW = Instant.parse("2026-06-01T00:00:00Z");

  private record Request(
      String host, String method, String path, Map<String, String> all, Map<String, String> query)
      implements RequestHead {
    static Request get(String host, String path) {
      return new Request(host, "GET", path, Map.of(), Map.of());
    }

    @Override
    public Optional<String> header(String name) {
      return Optional.ofNullable(all.get(name));
    }

    @Override
    public Optional<String> queryParameter(String name) {
      return Optional.ofNullable(query.get(name));
    }
  }

  @Test
  void exactPathWinsOverLongerPrefix() {
    RouteTable table =
        RouteTable.of(
            List.of(
                route("prefix", OLD, "*", path(new PathMatch.Prefix("/shop/cart"))),
                route("exact", NEW, "*", path(new PathMatch.Exact("/shop/cart")))));
    assertThat(taker(table, Request.get("a", "/shop/cart"))).isEqualTo("exact");
    assertThat(taker(table, Request.get("a", "/shop/cart/1"))).isEqualTo("prefix");
  }

  @Test
  void longerPrefixWins() {
    RouteTable table =
        RouteTable.of(
            List.of(
                route("root", OLD, "*", path(PathMatch.ANY)),
                route("shop", NEW, "*", path(new PathMatch.Prefix("/shop/")))));
    assertThat(taker(table, Request.get("a", "/shop"))).isEqualTo("shop");
    assertThat(taker(table, Request.get("a", "/shopping"))).isEqualTo("root");
  }

  @Test
  void exactHostWinsOverWildcardAndWildcardOverNone() {
    RouteTable table =
        RouteTable.of(
            List.of(
                route("any", OLD, "*", HttpMatch.ANY),
                route("wild", OLD, "*.example.org", HttpMatch.ANY),
                route("exact", NEW, "Shop.Example.org", HttpMatch.ANY)));
    assertThat(taker(table, Request.get("shop.example.org", "/"))).isEqualTo("exact");
    assertThat(taker(table, Request.get("a.b.example.org", "/"))).isEqualTo("wild");
    assertThat(taker(table, Request.get("example.org", "/"))).isEqualTo("any");
  }

  @Test
  void methodThenHeadersThenQueryParametersDecide() {
    HttpMatch method = new HttpMatch(PathMatch.ANY, Optional.of("POST"), Map.of(), Map.of());
    HttpMatch header =
        new HttpMatch(
            PathMatch.ANY,
            Optional.empty(),
            Map.of("x-canary", new ValueMatch.Exact("1")),
            Map.of());
    HttpMatch query =
        new HttpMatch(
            PathMatch.ANY, Optional.empty(), Map.of(), Map.of("v", new ValueMatch.Exact("2")));
    RouteTable table =
        RouteTable.of(
            List.of(
                route("query", OLD, "*", query),
                route("header", OLD, "*", header),
                route("method", NEW, "*", method)));
    Map<String, String> canary = Map.of("x-canary", "1");
    Map<String, String> v2 = Map.of("v", "2");
    assertThat(taker(table, new Request("a", "POST", "/", canary, v2))).isEqualTo("method");
    assertThat(taker(table, new Request("a", "GET", "/", canary, v2))).isEqualTo("header");
    assertThat(taker(table, new Request("a", "GET", "/", Map.of(), v2))).isEqualTo("query");
    assertThat(table.match(Request.get("a", "/"))).isEmpty();
  }

  @Test
  void amongEqualsTheOldestThenTheFirstNameThenTheFirstRuleWins() {
    RouteTable byAge =
        RouteTable.of(
            List.of(route("a", NEW, "*", HttpMatch.ANY), route("z", OLD, "*", HttpMatch.ANY)));
    assertThat(taker(byAge, Request.get("h", "/"))).isEqualTo("z");

    RouteTable byName =
        RouteTable.of(
            List.of(route("z", OLD, "*", HttpMatch.ANY), route("a", OLD, "*", HttpMatch.ANY)));
    assertThat(taker(byName, Request.get("h", "/"))).isEqualTo("a");

    HttpRoute.Rule first = rule(8080, HttpMatch.ANY);
    HttpRoute twice = new HttpRoute("n", "r", OLD, List.of(), List.of(first, rule(9090)));
    assertThat(RouteTable.of(List.of(twice)).match(Request.get("h", "/")).orElseThrow().rule())
        .isSameAs(first);
  }

  @Test
  void expressionWinsOverPrefixAndLosesToExactPath() {
    RouteTable table =
        RouteTable.of(
            List.of(
                route("prefix", OLD, "*", path(new PathMatch.Prefix("/item/12"))),
                route("short", OLD, "*", path(expression("/item/.*"))),
                route("long", NEW, "*", path(expression("/item/[0-9]{1,9}"))),
                route("exact", NEW, "*", path(new PathMatch.Exact("/item/7")))));
    assertThat(taker(table, Request.get("a", "/item/12"))).isEqualTo("long");
    assertThat(taker(table, Request.get("a", "/item/x"))).isEqualTo("short");
    assertThat(taker(table, Request.get("a", "/item/7"))).isEqualTo("exact");
    assertThat(table.match(Request.get("a", "/an/item/12"))).isEmpty();
  }

  @Test
  void expressionTakesHeaderAndQueryParameterAsAWhole() {
    ValueMatch digits = new ValueMatch.Expression(Regex.of("v[0-9]+"));
    HttpMatch both =
        new HttpMatch(PathMatch.ANY, Optional.empty(), Map.of("x", digits), Map.of("q", digits));
    RouteTable table = RouteTable.of(List.of(route("both", OLD, "*", both)));
    Map<String, String> good = Map.of("x", "v1", "q", "v22");
    Map<String, String> bad = Map.of("x", "v1a", "q", "av22");
    assertThat(table.match(new Request("a", "GET", "/", good, good))).isPresent();
    assertThat(table.match(new Request("a", "GET", "/", bad, good))).isEmpty();
    assertThat(table.match(new Request("a", "GET", "/", good, bad))).isEmpty();
    assertThat(table.match(Request.get("a", "/"))).isEmpty();
  }

  private static PathMatch expression(String text) {
    return new PathMatch.Expression(Regex.of(text));
  }

  @Test
  void relativePathsAndBackendsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new PathMatch.Exact("shop")).hasMessageContaining("'shop'");
    assertThatThrownBy(() -> new HttpRoute.Backend("n", "s", 0, 1)).hasMessageContaining("port");
    assertThatThrownBy(() -> new HttpRoute.Backend("n", "s", 1, -1)).hasMessageContaining("weight");
  }

  private static String taker(RouteTable table, Request request) {
    return table.match(request).orElseThrow().route().name();
  }

  private static HttpMatch path(PathMatch path) {
    return new HttpMatch(path, Optional.empty(), Map.of(), Map.of());
  }

  private static HttpRoute route(String name, Instant created, String host, HttpMatch match) {
    return new HttpRoute("n", name, created, List.of(new Hostname(host)), List.of(rule(80, match)));
  }

  private static HttpRoute.Rule rule(int port, HttpMatch... matches) {
    return new HttpRoute.Rule(
        List.of(matches), List.of(new HttpRoute.Backend("n", "web", port, 1)));
  }
}
