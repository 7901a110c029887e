// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The lookup finds what a walk through all conditions in the order of precedence finds. */
final class RouteLookupTest {
  private static final List<String> HOSTS =
      List.of("*", "*.com", "*.a.com", "a.com", "b.a.com", "c.b.a.com", "*.b.a.com", "x");
  private static final List<String> PATHS =
      List.of("/", "/a", "/a/", "/a/b", "/a/b/c", "/ab", "/a/b/", "/b");

  private static final ValueMatch ONE = new ValueMatch.Exact("1");

  private record Head(String host, String method, String path, Map<String, String> fields)
      implements RequestHead {
    @Override
    public Optional<String> header(String name) {
      return Optional.ofNullable(fields.get(name));
    }

    @Override
    public Optional<String> queryParameter(String name) {
      return Optional.empty();
    }
  }

  private record Condition(Hostname host, HttpMatch match, HttpRoute route, HttpRoute.Rule rule) {}

  private static final Comparator<Condition> ORDER =
      Comparator.comparingInt((Condition c) -> -c.host.specificity())
          .thenComparingInt(c -> -c.match.path().specificity())
          .thenComparing(c -> c.match.method().isEmpty())
          .thenComparingInt(c -> -c.match.headers().size())
          .thenComparing(c -> c.route.created())
          .thenComparing(c -> c.route.namespace() + "/" + c.route.name());

  private static Optional<RouteTable.Taken> walk(List<HttpRoute> routes, RequestHead head) {
    List<Condition> all = new ArrayList<>();
    for (HttpRoute route : routes) {
      for (Hostname host : route.hostnames()) {
        for (HttpRoute.Rule rule : route.rules()) {
          rule.matches().forEach(match -> all.add(new Condition(host, match, route, rule)));
        }
      }
    }
    all.sort(ORDER);
    return all.stream()
        .filter(c -> c.host.matches(head.host()) && meets(c.match, head))
        .findFirst()
        .map(c -> new RouteTable.Taken(c.route, c.rule));
  }

  private static boolean meets(HttpMatch match, RequestHead head) {
    return match.path().matches(head.path())
        && match.method().map(head.method()::equals).orElse(true)
        && match.headers().entrySet().stream()
            .allMatch(e -> head.header(e.getKey()).filter(e.getValue()::matches).isPresent())
        && match.queryParameters().entrySet().stream()
            .allMatch(
                e -> head.queryParameter(e.getKey()).filter(e.getValue()::matches).isPresent());
  }

  private static <T> T any(Random random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private static List<PathMatch> paths(String path) {
    return List.of(
        new PathMatch.Exact(path),
        new PathMatch.Prefix(path),
        new PathMatch.Expression(Regex.of(path + ".*")));
  }

  private static HttpRoute route(Random random, int number) {
    List<HttpRoute.Rule> rules = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      String path = any(random, PATHS);
      rules.add(
          new HttpRoute.Rule(
              List.of(
                  new HttpMatch(
                      any(random, paths(path)),
                      random.nextInt(3) == 0 ? Optional.of("GET") : Optional.empty(),
                      random.nextInt(3) == 0 ? Map.of("x", ONE) : Map.of(),
                      Map.of())),
              List.of(new HttpRoute.Backend("n", "s" + number + "-" + i, 80, 1))));
    }
    Instant created = Instant.ofEpochSecond(random.nextInt(3));
    return new HttpRoute(
        "n", "r" + number, created, List.of(new Hostname(any(random, HOSTS))), rules);
  }

  @Test
  void lookupIsTheSameAsAWalk() {
    Random random = new Random(7);
    for (int round = 0; round < 400; round++) {
      List<HttpRoute> routes = new ArrayList<>();
      for (int i = 0; i < random.nextInt(20); i++) {
        routes.add(route(random, i));
      }
      RouteTable table = RouteTable.of(routes);
      for (int i = 0; i < 50; i++) {
        Head head =
            new Head(
                any(random, HOSTS).replace("*", "q"),
                random.nextBoolean() ? "GET" : "POST",
                any(random, PATHS),
                random.nextBoolean() ? Map.of("x", "1") : Map.of());
        assertThat(table.match(head)).as("%s in %s", head, routes).isEqualTo(walk(routes, head));
      }
    }
  }

  @Test
  void noConditionOfOtherHostsAndPathsIsLookedAt() {
    List<HttpRoute> routes = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      HttpMatch match =
          new HttpMatch(
              new PathMatch.Prefix("/p" + i), Optional.empty(), Map.of("h" + i, ONE), Map.of());
      routes.add(
          new HttpRoute(
              "n",
              "r" + i,
              Instant.EPOCH,
              List.of(new Hostname("h" + i % 100 + ".example.com")),
              List.of(new HttpRoute.Rule(List.of(match), List.of()))));
    }
    List<String> asked = new ArrayList<>();
    RequestHead counting =
        new RequestHead() {
          @Override
          public String host() {
            return "h42.example.com";
          }

          @Override
          public String method() {
            return "GET";
          }

          @Override
          public String path() {
            return "/p142/x";
          }

          @Override
          public Optional<String> header(String name) {
            asked.add(name);
            return Optional.of("1");
          }

          @Override
          public Optional<String> queryParameter(String name) {
            return Optional.empty();
          }
        };
    assertThat(RouteTable.of(routes).match(counting).orElseThrow().route().name())
        .isEqualTo("r142");
    assertThat(asked).containsExactly("h142");
  }
}
