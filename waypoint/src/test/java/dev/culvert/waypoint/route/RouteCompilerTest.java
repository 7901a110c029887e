// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.StreamRouteResource;
import dev.culvert.policy.route.Hostname;
import dev.culvert.waypoint.exchange.Refuse;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.match.CompiledRoute;
import dev.culvert.waypoint.match.Match;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RouteCompilerTest {
  private static final Backends ANY =
      (namespace, name, port) ->
          Optional.of(
              new Destination(namespace, name, port, _ -> new Pick.None(false, "none here")));

  private final List<String> problems = new ArrayList<>();

  private record ClosedRoutes(Set<ResourceKey> routes) implements Closed {
    @Override
    public Optional<String> door() {
      return Optional.empty();
    }

    @Override
    public Optional<String> route(ResourceKey key) {
      return routes.contains(key) ? Optional.of("closed by a test") : Optional.empty();
    }
  }

  private RouteCompiler compiler(ResourceFiles files, ResourceKey... closed) {
    return new RouteCompiler(
        ANY,
        new Grants(files),
        (_, _, _) -> new Refuse("nobody is asked here"),
        new ClosedRoutes(Set.of(closed)),
        new Kept(),
        problems);
  }

  private static ResourceFiles route(String kind, String matches) {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(
                Map.of(
                    "r.yaml",
                    """
                    apiVersion: gateway.networking.k8s.io/v1
                    kind: %s
                    metadata: {name: r, namespace: shop}
                    spec:
                      parentRefs: [{group: "", kind: Service, name: store}]
                      rules: [{%sbackendRefs: [{name: store, port: 80}]}]
                    """
                        .formatted(kind, matches)));
    assertThat(files.errors()).isEmpty();
    return files;
  }

  private Match.Rule compiled(ResourceKey closed) {
    ResourceFiles files = route("HTTPRoute", "matches: [{path: {value: /a}}], ");
    HttpRouteResource route = files.resources(HttpRouteResource.class).findFirst().orElseThrow();
    CompiledRoute made = compiler(files, closed).compile("", route, List.of(Hostname.ANY));
    assertThat(made.route().rules()).hasSize(1);
    return made.rules().getFirst();
  }

  @Test
  void closedRouteTakesItsRequestsAndSendsThemNowhere() {
    assertThat(compiled(new ResourceKey("HTTPRoute", "shop", "r")).filters())
        .containsExactly(new Refuse("closed by a test"));
    assertThat(compiled(new ResourceKey("HTTPRoute", "shop", "other")).filters()).isEmpty();
  }

  @Test
  void closedRouteOfConnectionsHasNoBackend() {
    ResourceFiles files = route("TCPRoute", "");
    StreamRouteResource route =
        files.resources(StreamRouteResource.class).findFirst().orElseThrow();
    ResourceKey key = new ResourceKey("TCPRoute", "shop", "r");
    assertThat(compiler(files, key).compile("", route).draw()).isNull();
    assertThat(compiler(files).compile("", route).draw()).isNotNull();
  }

  @Test
  void httpRouteNamedRule() {
    ResourceFiles files = route("HTTPRoute", "name: checkout, ");
    HttpRouteResource route = files.resources(HttpRouteResource.class).findFirst().orElseThrow();
    CompiledRoute made = compiler(files).compile("", route, List.of(Hostname.ANY));
    assertThat(made.rules().getFirst().plan().name()).isEqualTo("shop/r/checkout");
  }
}
