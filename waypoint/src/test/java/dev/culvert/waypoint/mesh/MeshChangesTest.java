// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.authenticate.KeySources;
import dev.culvert.waypoint.authorize.Providers;
import dev.culvert.waypoint.gateway.BackendTlsContexts;
import dev.culvert.waypoint.gateway.BackendTlsPolicies;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.kept.ObjectGraph;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.ztunnel.xds.AppProtocol;
import dev.culvert.ztunnel.xds.ServicePort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a change leaves of what requests to a service go through. */
final class MeshChangesTest {
  private static final Set<String> OPAQUE =
      Set.of("Cluster", "MeshBackends", "MeshOfWeb", "Router", "SslContext");

  private static final Self SELF =
      new Self(
          new WaypointName("shop", "way"),
          "culvert-waypoint",
          "way-1",
          SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/way"));

  private final MeshOfWeb mesh = new MeshOfWeb();
  private final KeySources keys = new KeySources();
  private final Map<String, String> folder = new HashMap<>();
  private final Waypoint waypoint = new Waypoint();

  /** One that serves one port. */
  private final class Waypoint {
    private final MeshBackends backends = mesh.backends();
    private final BackendTlsContexts tls = new BackendTlsContexts();
    private final Kept kept = new Kept();
    private final Kept ofPort = new Kept();
    private ResourceFiles files = ResourceFiles.empty();
    private WaypointPolicies policies =
        WaypointPolicies.first(files, SELF, keys, Providers.none(), kept);

    PortRoutes read() {
      files = files.with(Map.copyOf(folder));
      assertThat(files.errors()).isEmpty();
      List<String> problems = new ArrayList<>();
      kept.begin();
      ofPort.begin();
      SecuredBackends secured =
          new SecuredBackends(
              backends, new BackendTlsPolicies(files, tls, problems), Refusals.NONE, kept);
      policies = policies.next(files, Providers.none());
      MeshRoutes routes = new MeshRoutes(files, secured, MeshOfWeb.UNASKED, Refusals.NONE, kept);
      PortRoutes made =
          routes.of(
              asked(),
              secured.own(mesh.service(), 80, ofPort),
              policies.guards(asked(), ofPort),
              ofPort);
      ofPort.end();
      kept.end();
      return made;
    }
  }

  private Asked.OfService asked() {
    return new Asked.OfService(
        mesh.service(), new ServicePort(80, 8080, AppProtocol.HTTP1), MeshOfWeb.VIP);
  }

  @AfterEach
  void close() {
    keys.close();
  }

  private void route(String name, String namespace, String path, String backend) {
    folder.put(
        name + ".yaml",
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: %s, namespace: %s}
        spec:
          parentRefs: [{group: "", kind: Service, name: web, namespace: shop}]
          rules: [{matches: [{path: {value: %s}}], backendRefs: [{name: %s, port: 80}]}]
        """
            .formatted(name, namespace, path, backend));
  }

  private void policy(String rules) {
    folder.put(
        "policy.yaml",
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: policy, namespace: shop}
        spec:
          targetRefs: [{group: "", kind: Service, name: web}]
          rules: [%s]
        """
            .formatted(rules));
  }

  private static <T> List<T> all(Class<T> type, PortRoutes of) {
    return ObjectGraph.all(type, of.match(), OPAQUE);
  }

  private static RoutePlan plan(PortRoutes of, String name) {
    return all(RoutePlan.class, of).stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void nothingIsMadeAnewWhereNothingChanges() {
    PortRoutes without = waypoint.read();
    assertThat(waypoint.read().match()).isSameAs(without.match());
    route("a", "shop", "/a", "web");
    PortRoutes before = waypoint.read();
    folder.put("a.yaml", folder.get("a.yaml") + "---\n");
    assertThat(waypoint.read().match()).isSameAs(before.match());
  }

  @Test
  void changedRouteLeavesTheOthersAndTheirBackends() {
    route("a", "shop", "/a", "web");
    route("b", "shop", "/b", "web");
    route("c", "guests", "/c", "web");
    PortRoutes before = waypoint.read();
    route("a", "shop", "/new", "web");
    PortRoutes after = waypoint.read();
    assertThat(after.match()).isNotSameAs(before.match());
    assertThat(plan(after, "shop/a/0")).isNotSameAs(plan(before, "shop/a/0"));
    assertThat(plan(after, "shop/b/0")).isSameAs(plan(before, "shop/b/0"));
    assertThat(plan(after, "guests/c/0")).isSameAs(plan(before, "guests/c/0"));
    assertThat(all(Destination.class, after))
        .containsExactlyInAnyOrderElementsOf(all(Destination.class, before));
  }

  @Test
  void changedPolicyLeavesRoutes() {
    route("a", "shop", "/a", "web");
    policy("{}");
    PortRoutes before = waypoint.read();
    policy("{to: [{operation: {methods: [GET]}}]}");
    PortRoutes after = waypoint.read();
    assertThat(after.match()).isNotSameAs(before.match());
    assertThat(plan(after, "shop/a/0")).isSameAs(plan(before, "shop/a/0"));
  }

  @Test
  void comesToWhatReadingItAnewComesTo() {
    Random random = new Random(1);
    Set<String> texts = new HashSet<>();
    for (int i = 0; i < 60; i++) {
      String which = "r" + random.nextInt(4);
      String path = "/" + random.nextInt(3);
      switch (random.nextInt(4)) {
        case 0 -> folder.remove(which + ".yaml");
        case 1 -> policy(random.nextBoolean() ? "{}" : "{to: [{operation: {paths: [/a]}}]}");
        default ->
            route(
                which,
                random.nextBoolean() ? "shop" : "guests",
                path,
                random.nextBoolean() ? "web" : "other");
      }
      String kept = ObjectGraph.text(waypoint.read(), OPAQUE);
      assertThat(kept).as("edit %d", i).isEqualTo(ObjectGraph.text(new Waypoint().read(), OPAQUE));
      texts.add(kept);
    }
    assertThat(texts).hasSizeGreaterThan(20);
  }
}
